"""Words for settings of a distribution and its origin that cannot work."""

from .text import Text

DISABLED = Text("the distribution is disabled", "ディストリビューションが無効になっています")
NO_BUCKET = Text("the bucket that the origin names does not exist", "オリジンのバケットが存在しません")
CUSTOM_FAILS = Text("the origin does not answer", "オリジンが応答していません")
OTHER_REGION = Text(
    "the origin's domain names another region than the bucket's",
    "オリジンのドメイン名のリージョンがバケットのリージョンと異なります",
)
WEBSITE_HTTPS = Text(
    "the origin is a website endpoint, which speaks HTTP only",
    "オリジンはウェブサイトエンドポイントで、HTTP しか受け付けません",
)
ACCESS_GONE = Text(
    "the origin access that the distribution names does not exist",
    "ディストリビューションが参照するオリジンアクセス設定が存在しません",
)
ACCESS_TYPE = Text(
    "the origin access control is made for another kind of origin",
    "オリジンアクセスコントロールの対象種別が S3 ではありません",
)
EMPTY = Text("the bucket holds no object", "バケットにオブジェクトがありません")
OTHER_PATH = Text(
    "no object lies under the origin path, although the bucket holds some",
    "バケットにオブジェクトはありますが、オリジンパスの下にはありません",
)
NO_ROOT = Text("the default root object does not exist", "デフォルトルートオブジェクトが存在しません")
ROOT_UNSET = Text(
    "no default root object is set, and the root answers an error",
    "デフォルトルートオブジェクトが未設定で、ルートへのアクセスがエラーになっています",
)
