"""`python app.py` writes the templates to cdk.out; `cdk deploy` runs the same. No AWS call, no credentials."""

from infra.application import application

if __name__ == "__main__":
    application().synth()
