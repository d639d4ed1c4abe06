"""The CloudWatch dashboard's custom widget."""
