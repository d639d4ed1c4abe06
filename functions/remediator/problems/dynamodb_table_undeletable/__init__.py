"""A DynamoDB table could not be deleted.

Guide: DynamoDB, a table that cannot be deleted: in use, backup enabled, index being created; and deletion protection.
May change: nothing. Never: the table, its protection, indexes, backups, replicas; whoever wants it gone deletes it.
"""
