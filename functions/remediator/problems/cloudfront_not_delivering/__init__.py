"""A CloudFront distribution does not deliver what is in its bucket.

Guide: S3 and CloudFront: bucket policy, settings of the distribution, cached answers.
May change: the bucket's policy by one statement bound to this one distribution (always asked); cached copies of at most
15 named paths (all of them only after a person approved).
Never: other statements, a Deny, the public access block, key policies, the distribution's settings, objects.
"""
