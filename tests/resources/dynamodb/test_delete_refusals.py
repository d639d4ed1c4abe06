"""DynamoDB's refusals to delete a table, in the words that it uses."""

import pytest

from remediator.resources.dynamodb.delete_refusals import code_of, ignored_because, refusal

IN_USE = "ResourceInUseException"
INVALID = "ValidationException"
BEGIN = "Attempt to change a resource which is still in use: "


@pytest.mark.parametrize(
    ("exception", "message", "row"),
    [
        (IN_USE, BEGIN + "Table is being created: users", "in_use"),
        (IN_USE, BEGIN + "Table is being deleted: tf-acc-test-mryz6", "in_use"),
        (IN_USE, BEGIN + "Table: users is in the process of being updated.", "in_use"),
        (IN_USE, BEGIN + "Table: users is being used.", "in_use"),
        (IN_USE, BEGIN + "Table tags are being updated: users", "in_use"),
        (IN_USE, BEGIN + "Table: users has a pending resource-based policy update.", "in_use"),
        (IN_USE, BEGIN + "Cannot delete table while stream is being enabled/disabled.", "in_use"),
        (IN_USE, "The resource which you are attempting to change is in use.", "in_use"),
        (IN_USE, BEGIN + "Cannot delete table while indexes are being created, updated, or deleted.", "index_creating"),
        (
            IN_USE,
            BEGIN + "Index creation is in resource allocation phase. Retry deletion during backfilling phase or when "
            "the index is active. Table: users Index: by-email",
            "index_creating",
        ),
        (
            INVALID,
            (
                "Resource cannot be deleted as it is currently protected against deletion. "
                "Disable deletion protection first."
            ),
            "deletion_protected",
        ),
        (
            INVALID,
            "Cannot delete table users in region eu-west-1 because it has deletion protection enabled.",
            "deletion_protected",
        ),
        (
            INVALID,
            (
                "Replica cannot be deleted because it has acted as a source region for new replica(s) being added to the "
                "table in the last 24 hours."
            ),
            "backup_enabled",
        ),
        (
            INVALID,
            (
                "The last active replica of table: 'users'  in region: 'us-west-2' cannot be deleted until all writes are "
                "replicated."
            ),
            "backup_enabled",
        ),
        (IN_USE, BEGIN + "Table is being restored: users", "backup_enabled"),
        (IN_USE, BEGIN + "Table is part of a global table: users", "backup_enabled"),
        (IN_USE, BEGIN + "Backup is being created for table: users", "backup_enabled"),
        (IN_USE, BEGIN + "Kinesis streaming destination is being enabled. Table: users", "in_use"),
        (IN_USE, BEGIN + "Table needs to be in ACTIVE status to modify deletion protection setting.", "in_use"),
    ],
)
def test_a_refusal_names_the_row(exception, message, row):
    found = refusal(exception, message)
    assert found.row == row
    assert found.means.en != found.means.ja


@pytest.mark.parametrize(
    "message",
    [
        BEGIN + "Table: index-of-backups is in the process of being updated.",
        BEGIN + "Table is being created: backup-index-replica",
        BEGIN + "Table: backups is being used.",
        BEGIN + "Table tags are being updated: export.index",
    ],
)
def test_the_name_of_a_table_is_no_word_of_the_message(message):
    assert refusal(IN_USE, message).row == "in_use"


@pytest.mark.parametrize("exception", ["ResourceInUse", "com.amazonaws.dynamodb.v20120810#ResourceInUseException"])
def test_an_exception_is_the_same_with_or_without_its_namespace_and_suffix(exception):
    assert code_of(exception) == "ResourceInUse"
    assert refusal(exception, BEGIN + "Table: users is being used.").row == "in_use"


def test_a_message_without_detail_is_no_certain_row():
    assert not refusal(IN_USE, "The resource which you are attempting to change is in use.").certain
    assert refusal(IN_USE, BEGIN + "Table is being created: users").certain


@pytest.mark.parametrize(
    ("exception", "message", "operation"),
    [
        ("AccessDeniedException", "User: x is not authorized to perform: dynamodb:DeleteTable", "DeleteTable"),
        ("ResourceNotFoundException", "Requested resource not found: Table: index not found", "DeleteTable"),
        ("ThrottlingException", "Rate of requests exceeds the allowed throughput.", "DeleteTable"),
        ("LimitExceededException", "Subscriber limit exceeded: only 500 tables can be updated at once", "DeleteTable"),
        (IN_USE, "Table already exists: users", "CreateTable"),
        (
            INVALID,
            "1 validation error detected: Value 'a b' at 'tableName' failed to satisfy constraint",
            "DeleteTable",
        ),
        (INVALID, "The table does not have the specified index: by-email", "Query"),
        ("", "", "DeleteTable"),
    ],
)
def test_what_is_about_something_else_is_no_row(exception, message, operation):
    assert refusal(exception, message, operation) is None


@pytest.mark.parametrize(
    ("code", "word"),
    [("AccessDenied", "permissions"), ("ResourceNotFoundException", "no such table"), ("ThrottlingException", "again")],
)
def test_what_is_no_incident_says_why(code, word):
    assert word in ignored_because(code)


@pytest.mark.parametrize("message", ["index " * 5000, "table: " + "a." * 4000, "region " * 4000])
def test_a_hostile_message_costs_no_time_and_breaks_nothing(message):
    assert refusal(IN_USE, message) is not None
