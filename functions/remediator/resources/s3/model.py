"""An S3 bucket behind a distribution as values: policy, encryption, objects."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """The bucket behind the distribution.

    Attributes:
        name: empty where the origin is none.
        exists: False where S3 says that there is none of that name.
        region: where it is.
    """

    name: str = ""
    exists: bool = True
    region: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketPolicy:
    """The policy's text, None where the bucket has none; `secret`: something in it was hidden, so it cannot be written back."""

    text: str | None = None
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Encryption:
    """Default encryption of new objects; a key only with `aws:kms`."""

    algorithm: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPolicy:
    """Who may use the key; without ARN the bucket uses none.

    Attributes:
        manager: `CUSTOMER`, or `AWS` for a key whose policy nobody can change.
    """

    arn: str = ""
    manager: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One object: key, when it was written (ISO 8601), entity tag without quotes."""

    key: str
    modified_at: str
    etag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What the bucket holds, as far as it was looked at.

    Attributes:
        objects: under the origin path, newest first, bounded.
        root: the default root object, None where it does not exist or none is set.
        listed: how many there are under the origin path, of the first thousand.
        elsewhere: whether there is any object at all.
    """

    objects: tuple[StoredObject, ...] = ()
    root: StoredObject | None = None
    listed: int = 0
    elsewhere: bool = False
