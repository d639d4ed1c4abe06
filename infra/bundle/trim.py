"""The wheels cut down to what the functions use: fewer models to load at a cold start, and a smaller bundle.

Of botocore's models stay the operations that are called with the shapes they reach, without their documentation.
Whatever is left out is missed loudly: a client has no method for it, an import finds no module.
"""

import json
import shutil
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from botocore import xform_name
from botocore.exceptions import DataNotFoundError
from botocore.loaders import Loader

Json = dict[str, Any]
Calls = Mapping[str, Collection[str]]  # boto3's name of a service -> names of its client's methods
DOCUMENTATION: Final = ("documentation", "documentationUrl", "examples")

# What no entry imports, as patterns. `test_checks` runs the bundle, so a new import of one of these is noticed.
UNUSED: Final = (
    "*.dist-info/RECORD",  # pip's list of files, for uninstalling
    "dateutil/rrule.py",
    "dateutil/zoneinfo",  # a database of zones of its own; `core/timestamps.py` takes the machine's
    "s3transfer/processpool.py",
    "urllib3/contrib/emscripten",
    "urllib3/contrib/pyopenssl.py",
    "aws_lambda_powertools/event_handler",
    *(
        f"aws_lambda_powertools/utilities/{name}"
        for name in (
            "auth_alpha",
            "circuit_breaker",
            "data_masking",
            "feature_flags",
            "idempotency",
            "kafka",
            "metadata",
            "parameters",
            "parser",
            "serialization.py",
            "streaming",
            "validation",
        )
    ),
    *(  # of the Slack SDK stays what an incoming webhook needs
        f"slack_sdk/{name}"
        for name in (
            "aiohttp_version_checker.py",
            "audit_logs",
            "http_retry/async_handler.py",
            "http_retry/builtin_async_handlers.py",
            "oauth",
            "rtm",
            "rtm_v2",
            "scim",
            "signature",
            "socket_mode",
            "web/async_base_client.py",
            "web/async_chat_stream.py",
            "web/async_client.py",
            "web/async_internal_utils.py",
            "web/async_slack_response.py",
            "web/legacy_base_client.py",
            "web/legacy_client.py",
            "web/legacy_slack_response.py",
            "webhook/async_client.py",
        )
    ),
    "slack",  # the SDK's old name
    "boto3/data",  # resources and their documentation; the functions use clients
    "boto3/examples",
)


def trim(wheels: Path, calls: Calls) -> None:
    """Cuts the folder down to `calls` and to the packages that are imported.

    Raises:
        ValueError: botocore has no such service or operation.
    """
    trim_models(wheels / "botocore" / "data", calls)
    for unused in [path for pattern in UNUSED for path in wheels.glob(pattern)]:
        if unused.is_dir():
            shutil.rmtree(unused)
        else:
            unused.unlink()


def trim_models(data: Path, calls: Calls) -> None:
    """Leaves botocore's models of `calls`, each in its newest version, and nothing of the other four hundred.

    Raises:
        ValueError: botocore has no such service or operation.
    """
    loader = Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    unknown = sorted(s for s in calls if not (data / s).is_dir())
    if unknown:
        raise ValueError(f"botocore has no model of {', '.join(unknown)}: name it in remediator.aws.door.CLIENT_OF")
    kept = {service: _models(loader, service, methods) for service, methods in calls.items()}
    for folder in [f for f in data.iterdir() if f.is_dir()]:
        shutil.rmtree(folder)
    for service, models in kept.items():
        version = data / service / models["service-2"]["metadata"]["apiVersion"]
        version.mkdir(parents=True)
        for name, model in models.items():
            _write(version / f"{name}.json", model)
    prefixes = {m["service-2"]["metadata"]["endpointPrefix"] for m in kept.values()}
    _trim_endpoints(data / "endpoints.json", prefixes)


def _models(loader: Loader, service: str, methods: Collection[str]) -> Mapping[str, Json]:
    """The files of one service; what botocore merges into them when it loads them is in them already."""
    version = loader.determine_latest_version(service, "service-2")
    model = trimmed(loader.load_service_model(service, "service-2", version), methods)
    models: dict[str, Json] = {"service-2": model}
    for name in ("endpoint-rule-set-1", "paginators-1"):
        try:
            models[name] = loader.load_service_model(service, name, version)
        except DataNotFoundError:  # a service without pages
            continue
    if "paginators-1" in models:
        pages = models["paginators-1"]["pagination"]
        models["paginators-1"] = {"pagination": {o: p for o, p in pages.items() if o in model["operations"]}}
    return models


def trimmed(model: Json, methods: Collection[str]) -> Json:
    """A service's model with the operations of these methods, the shapes they reach, and no documentation.

    Raises:
        ValueError: it has no such operation.
    """
    operations = {
        name: operation
        for name, operation in model["operations"].items()
        if xform_name(name) in methods or operation.get("endpointoperation")  # botocore asks that one by itself
    }
    missing = {*methods} - {xform_name(name) for name in operations}
    if missing:
        service = model["metadata"]["serviceId"]
        raise ValueError(f"{service} has no {', '.join(sorted(missing))}: name it in remediator.aws.door.METHOD_OF")
    reached = _reached(operations.values(), model["shapes"])
    return {
        **_plain(model),
        "operations": {name: _without_words(operation) for name, operation in operations.items()},
        "shapes": {name: _without_words(shape) for name, shape in model["shapes"].items() if name in reached},
    }


def _reached(operations: Any, shapes: Mapping[str, Json]) -> Collection[str]:
    """The names of all shapes of requests, answers and errors."""
    waiting = [name for operation in operations for name in _named(operation)]
    reached: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += _named(shapes[name])
    return reached


def _named(holder: Any) -> Iterator[str]:
    """The shapes that an operation or a shape refers to by `{"shape": name}`, at any depth."""
    inner = holder.values() if isinstance(holder, dict) else holder
    for value in inner:
        if isinstance(value, dict) and isinstance(value.get("shape"), str):
            yield value["shape"]
        if isinstance(value, dict | list):
            yield from _named(value)


def _without_words(described: Json) -> Json:
    """An operation or a shape; a member may itself be named `documentation`, so only known places are cut."""
    plain = _plain(described)
    for name in ("input", "output", "member", "key", "value"):
        if isinstance(plain.get(name), dict):
            plain[name] = _plain(plain[name])
    if isinstance(plain.get("members"), dict):
        plain["members"] = {name: _plain(member) for name, member in plain["members"].items()}
    if isinstance(plain.get("errors"), list):
        plain["errors"] = [_plain(error) for error in plain["errors"]]
    return plain


def _plain(described: Json) -> Json:
    return {name: value for name, value in described.items() if name not in DOCUMENTATION}


def _trim_endpoints(endpoints: Path, prefixes: Collection[str]) -> None:
    """Every partition and region stays; other services' addresses go."""
    parsed = json.loads(endpoints.read_text(encoding="utf-8"))
    for partition in parsed["partitions"]:
        partition["services"] = {n: s for n, s in partition["services"].items() if n in prefixes}
    _write(endpoints, parsed)


def _write(path: Path, value: Json) -> None:
    path.write_text(json.dumps(value, separators=(",", ":")), encoding="utf-8")
