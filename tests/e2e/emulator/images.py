"""The registry: every tag that was ever deployed stands for a digest, unless it was taken away or moved."""

from hashlib import sha256
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import ecr, ecs

from . import clock
from .admin import act
from .patches import patch, silent

PUSHED_S = 30 * 24 * 3600.0

_moved: dict[str, str] = {}
_gone: set[str] = set()


def digest(image: str) -> str:
    """What an image's name stands for."""
    return image.partition("@")[2] or _moved.get(image) or f"sha256:{sha256(image.encode()).hexdigest()}"


@act("image")
def change_image(image: str, gone: bool = False, moved_to: str = "") -> dict[str, Any]:
    """The registry loses an image, or its tag names another one.

    Args:
        image: as a task definition names it, or its tag alone.
        gone: it is deleted, digest and tag.
        moved_to: the digest that the tag names from now on.
    """
    from .programs import named_image

    name = named_image(image)
    if gone:
        _gone.add(digest(name))
    if moved_to:
        _moved[name] = moved_to
    return {"image": name, "digest": digest(name), "gone": digest(name) in _gone}


@patch(
    of="ministack.services.ecr._describe_images",
    lacks="knows only images that a Docker client pushed, and answers [] for one that is not there",
    still=silent("ministack.services.ecr._describe_images", "ImageNotFoundException"),
)
def know_deployed_images(_original: Any) -> Any:
    """Images that a task definition names are there."""

    def describe_images(data: dict[str, Any]) -> Any:
        name = data.get("repositoryName", "")
        if name not in ecr._repositories:
            said = f"The repository with name '{name}' does not exist in the registry"
            return error_response_json("RepositoryNotFoundException", said, 400)
        there = _images_of(name)
        asked = data.get("imageIds") or []
        for wanted in asked:
            if not any(_is(each, wanted) for each in there):
                said = f"The image with imageId {wanted} does not exist within the repository with name '{name}'"
                return error_response_json("ImageNotFoundException", said, 400)
        found = [each for each in there if not asked or any(_is(each, wanted) for wanted in asked)]
        return json_response({"imageDetails": found})

    return describe_images


def _images_of(repository: str) -> list[dict[str, Any]]:
    named = {
        c["image"]
        for d in ecs._task_defs.values()
        for c in d["containerDefinitions"]
        if c["image"].partition("/")[2].partition("@")[0].split(":")[0] == repository
    }
    tagged: dict[str, list[str]] = {}
    for image in sorted(named):
        tag = image.rsplit(":", 1)[1] if ":" in image.rsplit("/", 1)[-1] and "@" not in image else ""
        tagged.setdefault(digest(image), []).extend([tag] if tag else [])
        if image in _moved:  # what the tag named before is still there, without it
            tagged.setdefault(f"sha256:{sha256(image.encode()).hexdigest()}", [])
    return [_told(repository, key, tags) for key, tags in tagged.items() if key not in _gone]


def _told(repository: str, key: str, tags: list[str]) -> dict[str, Any]:
    return {
        "registryId": ecr._registry_id(),
        "repositoryName": repository,
        "imageDigest": key,
        "imageTags": tags,
        "imageSizeInBytes": 48_000_000,
        "imagePushedAt": int(clock.now() - PUSHED_S),
        "imageManifestMediaType": "application/vnd.docker.distribution.manifest.v2+json",
    }


def _is(image: dict[str, Any], wanted: dict[str, str]) -> bool:
    by_digest = wanted.get("imageDigest", image["imageDigest"]) == image["imageDigest"]
    return by_digest and ("imageTag" not in wanted or wanted["imageTag"] in image["imageTags"])
