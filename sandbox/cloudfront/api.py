"""CloudFront's operations on the portfolio's distribution."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from .. import names
from ..wire import AwsError, Fake, Parameters
from .site import ARN, Dropped, Site

Answer = dict[str, Any]


class CloudFrontApi:
    """Operations by name, each a function from parameters to an answer."""

    def __init__(self, site: Site, now: Callable[[], datetime]) -> None:
        self._site = site
        self._now = now

    def fakes(self) -> Mapping[str, Fake]:
        """What moto does not model, or not as CloudFront does."""
        return {
            "GetDistribution": self.get_distribution,
            "GetOriginAccessControl": self.get_origin_access_control,
            "ListTagsForResource": self.list_tags,
            "CreateInvalidation": self.create_invalidation,
            "GetInvalidation": self.get_invalidation,
            "ListInvalidations": self.list_invalidations,
        }

    def get_distribution(self, asked: Parameters) -> Answer:
        """The distribution as it is set, deployed or not."""
        self._known(asked["Id"])
        site = self._site
        site.catch_up(self._now())
        found = site.coming[0] if site.coming else site.setting
        origin = {
            "Id": "site",
            "DomainName": f"{found.bucket}.s3.{names.REGION}.amazonaws.com",
            "OriginPath": found.origin_path,
            "S3OriginConfig": {"OriginAccessIdentity": ""},
            "OriginAccessControlId": names.ORIGIN_ACCESS,
        }
        errors = [{"ErrorCode": code, "ErrorCachingMinTTL": found.error_ttl_s} for code in (403, 404)]
        config = {
            "CallerReference": "portfolio",
            "Comment": "static site of the portfolio",
            "Enabled": found.enabled,
            "DefaultRootObject": found.root_object,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {"TargetOriginId": "site", "ViewerProtocolPolicy": "redirect-to-https"},
            "CustomErrorResponses": {"Quantity": len(errors), "Items": errors},
        }
        distribution = {
            "Id": names.DISTRIBUTION,
            "ARN": ARN,
            "Status": "Deployed" if site.deployed else "InProgress",
            "LastModifiedTime": site.changed_at or self._now() - timedelta(days=20),
            "InProgressInvalidationBatches": sum(not d.done for d in site.dropped),
            "DomainName": names.DISTRIBUTION_DOMAIN,
            "DistributionConfig": config,
        }
        return {"Distribution": distribution, "ETag": "E1"}

    def get_origin_access_control(self, asked: Parameters) -> Answer:
        """The one origin access control."""
        if asked["Id"] != names.ORIGIN_ACCESS:
            raise AwsError("NoSuchOriginAccessControl", "The specified origin access control does not exist.", 404)
        config = {
            "Name": "portfolio",
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
        return {"OriginAccessControl": {"Id": asked["Id"], "OriginAccessControlConfig": config}, "ETag": "E1"}

    def list_tags(self, asked: Parameters) -> Answer:
        """The distribution's tags."""
        self._known(str(asked["Resource"]).rsplit("/", 1)[-1])
        return {"Tags": {"Items": [{"Key": k, "Value": v} for k, v in self._site.tags.items()]}}

    def create_invalidation(self, asked: Parameters) -> Answer:
        """Begins one; the same reference is the same invalidation."""
        self._known(asked["DistributionId"])
        batch = asked["InvalidationBatch"]
        reference = batch["CallerReference"]
        dropped = next((d for d in self._site.dropped if d.reference == reference), None)
        if dropped is None:
            id = f"I{names.hexadecimal('invalidation', reference, length=13).upper()}"
            dropped = Dropped(id=id, reference=reference, paths=tuple(batch["Paths"]["Items"]), at=self._now())
            self._site.dropped.append(dropped)
        return {"Location": f"https://cloudfront.amazonaws.com/{dropped.id}", "Invalidation": self._shown(dropped)}

    def get_invalidation(self, asked: Parameters) -> Answer:
        """One of them."""
        found = next((d for d in self._site.dropped if d.id == asked["Id"]), None)
        if found is None:
            raise AwsError("NoSuchInvalidation", "The specified invalidation does not exist.", 404)
        return {"Invalidation": self._shown(found)}

    def list_invalidations(self, asked: Parameters) -> Answer:
        """The newest first."""
        self._known(asked["DistributionId"])
        self._site.catch_up(self._now())
        listed = [
            {"Id": d.id, "CreateTime": d.at, "Status": "Completed" if d.done else "InProgress"}
            for d in reversed(self._site.dropped)
        ]
        whole = {"Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": len(listed)}
        return {"InvalidationList": {**whole, **({"Items": listed} if listed else {})}}

    def _shown(self, dropped: Dropped) -> Answer:
        self._site.catch_up(self._now())
        paths = {"Quantity": len(dropped.paths), "Items": list(dropped.paths)}
        return {
            "Id": dropped.id,
            "Status": "Completed" if dropped.done else "InProgress",
            "CreateTime": dropped.at,
            "InvalidationBatch": {"Paths": paths, "CallerReference": dropped.reference},
        }

    @staticmethod
    def _known(id: str) -> None:
        if id != names.DISTRIBUTION:
            raise AwsError("NoSuchDistribution", "The specified distribution does not exist.", 404)
