"""Readers of image digests: of the last good deployment and of the tasks that run."""

from ....core.errors import NotFound, Rejected
from ....core.ports import Aws, Permission, Scope, reads
from ..model import ContainerSpec, ServiceDeployment, TaskDefinition, last_good


@reads(Permission("ecr:DescribeImages", "arn:{partition}:ecr:{region}:{account}:repository/*"))
def good_images(aws: Aws, scope: Scope, deployments: tuple[ServiceDeployment, ...]) -> tuple[str, ...]:
    """The images of the last good revision whose digests ECR still holds; none where there is no good revision.

    Raises:
        NotFound: a digest is gone.
        Rejected: an image that is not pinned by digest or not in ECR: it cannot be checked.
    """
    good = last_good(deployments)
    if good is None:
        return ()
    checked = []
    for image in good.images.values():
        repository, registry, digest = _ecr(image)
        if not digest or registry != scope.incident.resource.account:
            raise Rejected("ecr:DescribeImages", "NotInThisRegistry", f"{image} cannot be looked up")
        aws.call(
            "ecr:DescribeImages", registryId=registry, repositoryName=repository, imageIds=[{"imageDigest": digest}]
        )
        checked.append(image)
    return tuple(checked)


@reads(Permission("ecr:DescribeImages", "arn:{partition}:ecr:{region}:{account}:repository/*"))
def same_images(aws: Aws, scope: Scope, deployments: tuple[ServiceDeployment, ...], definition: TaskDefinition) -> bool:
    """Whether a fresh task would run what runs now: each image is pinned, or its tag still names the running digest.

    Raises:
        NotFound: a tag is gone, or the running digest is not known.
        Rejected: an image that is not in this account's ECR: it cannot be checked.
    """
    newest = next((d.revision for d in deployments if d.revision), None)
    running = newest.images if newest else {}
    return all(
        "@sha256:" in c.image or _tag_stands(aws, scope, c, running.get(c.name, "")) for c in definition.containers
    )


def _tag_stands(aws: Aws, scope: Scope, container: ContainerSpec, running: str) -> bool:
    digest = running.partition("@")[2]
    repository, registry, _ = _ecr(container.image)
    if registry != scope.incident.resource.account:
        raise Rejected("ecr:DescribeImages", "NotInThisRegistry", f"{container.image} cannot be looked up")
    if not digest:
        raise NotFound(f"the digest that container {container.name} runs is not known")
    tag = container.image.rsplit(":", 1)[1] if ":" in container.image.rsplit("/", 1)[-1] else "latest"
    response = aws.call(
        "ecr:DescribeImages", registryId=registry, repositoryName=repository, imageIds=[{"imageTag": tag}]
    )
    return bool(response["imageDetails"][0]["imageDigest"] == digest)


def _ecr(image: str) -> tuple[str, str, str]:
    """Repository, registry account and digest of an ECR image; empty where it is not one."""
    name, _, digest = image.partition("@")
    host, _, repository = name.partition("/")
    if ".dkr.ecr." not in host:
        return "", "", ""
    return repository.rsplit(":", 1)[0], host.split(".")[0], digest
