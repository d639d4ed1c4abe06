"""A Case to typed blocks (`compose`), and blocks to each channel (`mail`, `chat`, `pager`, all in `publish_form`)."""
