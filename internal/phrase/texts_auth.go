package phrase

var authTexts = map[string]text{
	"auth.no_credentials": {
		"there are no credentials for Google. There are three ways: (1) a service account: put the path of its key file into [tracker] credentials or GOOGLE_APPLICATION_CREDENTIALS and share the sheet with it; " +
			"(2) your own account: make an OAuth client of type \"Desktop app\" in the Google console, put the path of its file there and run `uratori init --google`; " +
			"(3) gcloud: run `gcloud auth application-default login --client-id-file=FILE --scopes=https://www.googleapis.com/auth/cloud-platform,https://www.googleapis.com/auth/spreadsheets`",
		"Google の認証情報がありません。方法は三つです。(1) サービスアカウント: 鍵ファイルのパスを [tracker] credentials か GOOGLE_APPLICATION_CREDENTIALS に設定し、シートをそのアカウントと共有する。" +
			"(2) ご自身のアカウント: Google コンソールで種類「デスクトップ アプリ」の OAuth クライアントを作り、そのファイルのパスを同じ場所に設定して `uratori init --google` を実行する。" +
			"(3) gcloud: `gcloud auth application-default login --client-id-file=FILE --scopes=https://www.googleapis.com/auth/cloud-platform,https://www.googleapis.com/auth/spreadsheets` を実行する",
	},
	"auth.no_client": {
		"there is no OAuth client to sign in with: make one of type \"Desktop app\" in the Google console (APIs & Services, Credentials), download its file, run `chmod 600` on it and put its path into [tracker] credentials",
		"サインインに使う OAuth クライアントがありません。Google コンソールの「API とサービス」→「認証情報」で種類「デスクトップ アプリ」のクライアントを作り、ファイルをダウンロードして `chmod 600` し、そのパスを [tracker] credentials に設定してください",
	},
	"auth.nothing_to_sign": {
		"a service account needs no sign-in: share the sheet with {email} as an editor",
		"サービスアカウントにサインインは不要です。シートを {email} と編集者として共有してください",
	},
	"auth.signed_in_by_gcloud": {
		"{file} was made by gcloud, which has signed you in already; to sign in here, put an OAuth client file of type \"Desktop app\" into [tracker] credentials",
		"{file} は gcloud が作ったもので、すでにサインイン済みです。uratori でサインインするには、種類「デスクトップ アプリ」の OAuth クライアントのファイルを [tracker] credentials に設定してください",
	},
	"auth.file_missing": {
		"the credentials file {file} is not there: put it there, or set [tracker] credentials (or GOOGLE_APPLICATION_CREDENTIALS) to where it is",
		"認証情報のファイル {file} がありません。そこに置くか、実際の場所を [tracker] credentials(または GOOGLE_APPLICATION_CREDENTIALS)に設定してください",
	},
	"auth.file_unreadable": {
		"{file} cannot be read",
		"{file} を読み取れません",
	},
	"auth.not_a_file": {
		"{file} is not an ordinary file",
		"{file} は通常のファイルではありません",
	},
	"auth.file_shared": {
		"{file} holds a secret, but others can read or write it ({mode}): run `chmod 600 {file}`",
		"{file} には秘密の値がありますが、他のユーザーから読み書きできます ({mode})。`chmod 600 {file}` を実行してください",
	},
	"auth.file_too_long": {
		"{file} is longer than {bytes} bytes; this is no file that Google gave out",
		"{file} が {bytes} バイトを超えています。Google が発行したファイルではありません",
	},
	"auth.file_empty": {
		"{file} is empty: download it again, or for a token file run `uratori init --google` again",
		"{file} は空です。もう一度ダウンロードしてください。トークンのファイルなら `uratori init --google` をもう一度実行してください",
	},
	"auth.not_json": {
		"{file}, line {line}: this is not JSON; download the file again from the Google console",
		"{file} の {line} 行目: JSON として読めません。Google コンソールからもう一度ダウンロードしてください",
	},
	"auth.field": {
		"{file}: {field} is missing or is not what it should be; download the file again from the Google console",
		"{file}: {field} がないか、正しい値ではありません。Google コンソールからもう一度ダウンロードしてください",
	},
	"auth.web_client": {
		"{file} is an OAuth client of type \"Web application\", which cannot sign in on this machine: make one of type \"Desktop app\" in the Google console and use its file",
		"{file} は種類「ウェブ アプリケーション」の OAuth クライアントで、このマシンではサインインできません。Google コンソールで種類「デスクトップ アプリ」のクライアントを作り、そのファイルを使ってください",
	},
	"auth.kind_refused": {
		"{file} is of type {kind}, which is not used: such a file decides which addresses are asked or which programs are run; use the key of a service account or an OAuth client of type \"Desktop app\"",
		"{file} の種類 {kind} は使えません。この種類のファイルは、接続先や実行するプログラムを決められるためです。サービスアカウントの鍵か、種類「デスクトップ アプリ」の OAuth クライアントを使ってください",
	},
	"auth.kind_unknown": {
		"{file} is of the unknown type {kind}; known are service_account, authorized_user and OAuth clients of type \"Desktop app\" (installed)",
		"{file} の種類 {kind} は不明です。使えるのは service_account、authorized_user、種類「デスクトップ アプリ」(installed) の OAuth クライアントです",
	},
	"auth.no_kind": {
		"{file} is no credentials file of Google: it has neither type nor installed; download it again from the Google console",
		"{file} は Google の認証情報のファイルではありません(type も installed もありません)。Google コンソールからもう一度ダウンロードしてください",
	},
	"auth.unsafe_address": {
		"{file}: {field} leads to {host} and is neither https nor on this machine, so nothing secret is sent there; download the file again from the Google console",
		"{file}: {field} の宛先 {host} は https でもこのマシンでもないため、秘密の値を送りません。Google コンソールからもう一度ダウンロードしてください",
	},
	"auth.not_signed_in": {
		"nobody has signed in with Google yet: run `uratori init --google`",
		"まだ Google にサインインしていません。`uratori init --google` を実行してください",
	},
	"auth.token_damaged": {
		"{file} is damaged: run `uratori init --google` again",
		"{file} が壊れています。`uratori init --google` をもう一度実行してください",
	},
	"auth.other_client": {
		"the sign-in belongs to another OAuth client than {file}: run `uratori init --google` again, or put the former file back",
		"現在のサインインは {file} とは別の OAuth クライアントのものです。`uratori init --google` をもう一度実行するか、以前のファイルに戻してください",
	},
	"auth.token_unwritable": {
		"{file} cannot be written, so the sign-in with Google would be lost: check the folder and its free space",
		"{file} に書き込めないため、Google へのサインインを保存できません。フォルダーと空き容量を確認してください",
	},
	"auth.sign_in_again": {
		"the sign-in with Google has ended. It was revoked, or the app is \"in testing\" in the Google console, where a sign-in ends after 7 days: run `uratori init --google` again",
		"Google へのサインインは終了しています。取り消されたか、Google コンソールでアプリが「テスト中」のため 7 日で切れています。`uratori init --google` をもう一度実行してください",
	},
	"auth.gcloud_again": {
		"the sign-in that gcloud made has ended: run `gcloud auth application-default login` again, with the same --client-id-file and --scopes",
		"gcloud によるサインインは終了しています。同じ --client-id-file と --scopes で `gcloud auth application-default login` をもう一度実行してください",
	},
	"auth.client_refused": {
		"Google does not accept the OAuth client of {file} ({code}); it was deleted or its secret was changed: download its file again and run `uratori init --google`",
		"Google が {file} の OAuth クライアントを受け付けません ({code})。削除されたか、シークレットが変更されています。ファイルをもう一度ダウンロードして `uratori init --google` を実行してください",
	},
	"auth.key_refused": {
		"Google does not accept the key of {email}; it was deleted or replaced: make a new key in the Google console and put it in the place of {file}",
		"Google が {email} の鍵を受け付けません。削除されたか、置き換えられています。Google コンソールで新しい鍵を作り、{file} と置き換えてください",
	},
	"auth.account_gone": {
		"the service account {email} was deleted or disabled: enable it in the Google console, or use another",
		"サービスアカウント {email} は削除されたか、無効になっています。Google コンソールで有効にするか、別のアカウントを使ってください",
	},
	"auth.clock_wrong": {
		"Google finds the time of this machine wrong: set the clock (`timedatectl set-ntp true`; after sleep on WSL2 `sudo hwclock -s`) and repeat",
		"このマシンの時刻がずれていると Google に判断されました。時計を合わせて(`timedatectl set-ntp true`、WSL2 のスリープ後は `sudo hwclock -s`)やり直してください",
	},
	"auth.scope_missing": {
		"the permission for spreadsheets ({scope}) was not given: sign in again and tick it on Google's page",
		"スプレッドシートの権限 ({scope}) が許可されていません。もう一度サインインし、Google の画面で権限にチェックを入れてください",
	},
	"auth.no_refresh_token": {
		"Google gave no lasting permission: remove uratori at https://myaccount.google.com/connections and run `uratori init --google` again",
		"Google から継続的な許可を得られませんでした。https://myaccount.google.com/connections で uratori を削除し、`uratori init --google` をもう一度実行してください",
	},
	"auth.code_refused": {
		"Google did not accept this sign-in; it took too long or was used before: run `uratori init --google` again",
		"このサインインは Google に受け付けられませんでした。時間切れか、すでに使われています。`uratori init --google` をもう一度実行してください",
	},
	"auth.denied": {
		"the permission was denied on Google's page; nothing was changed. Run `uratori init --google` again to permit it",
		"Google の画面で許可されませんでした。何も変更していません。許可するには `uratori init --google` をもう一度実行してください",
	},
	"auth.sign_in_refused": {
		"Google did not let this sign-in through ({code}); nothing was changed: check the OAuth client and the consent screen in the Google console",
		"Google がこのサインインを受け付けませんでした ({code})。何も変更していません。Google コンソールの OAuth クライアントと同意画面を確認してください",
	},
	"auth.nobody_came": {
		"nobody finished the sign-in in time; nothing was changed: run `uratori init --google` again, and open the address in a browser on this machine",
		"サインインが時間内に完了しませんでした。何も変更していません。`uratori init --google` をもう一度実行し、このマシンのブラウザーでアドレスを開いてください",
	},
	"auth.no_port": {
		"no port of 127.0.0.1 can be opened for the sign-in",
		"サインインのためのポートを 127.0.0.1 で開けません",
	},
	"auth.interrupted": {
		"talking to Google was interrupted",
		"Google との通信が中断されました",
	},
	"auth.unreachable": {
		"the token server {server} could not be reached",
		"トークンサーバー {server} に接続できませんでした",
	},
	"auth.server_down": {
		"the token server {server} is out of order at the moment (HTTP {status})",
		"トークンサーバー {server} は現在応答できません (HTTP {status})",
	},
	"auth.not_a_token": {
		"what {server} answered (HTTP {status}) is not the answer of a token server; a proxy or a login page of the network may stand in between",
		"{server} の応答 (HTTP {status}) はトークンサーバーのものではありません。プロキシやネットワークのログイン画面が間にある可能性があります",
	},
	"auth.refused": {
		"the token server {server} refused (HTTP {status}, {code}): check the credentials in the Google console",
		"トークンサーバー {server} に拒否されました (HTTP {status}, {code})。Google コンソールで認証情報を確認してください",
	},
	"auth.machine": {
		"the service account of this virtual machine gave no token: give the machine a service account with the scope {scope}",
		"この仮想マシンのサービスアカウントからトークンを得られませんでした。スコープ {scope} を持つサービスアカウントを割り当ててください",
	},
	"auth.cause_slow":        {"no answer in time", "時間内に応答がありません"},
	"auth.cause_name":        {"its name is not known (DNS)", "名前を解決できません (DNS)"},
	"auth.cause_certificate": {"its certificate is not valid", "証明書が正しくありません"},
	"auth.cause_broken":      {"the connection failed", "接続に失敗しました"},

	"auth.page_done":   {"Your answer has arrived. Go back to the terminal; this page can be closed.", "回答を受け取りました。ターミナルに戻ってください。このページは閉じてかまいません。"},
	"auth.page_denied": {"You did not give the permission. Go back to the terminal; this page can be closed.", "許可されませんでした。ターミナルに戻ってください。このページは閉じてかまいません。"},
	"auth.page_wrong":  {"This is no answer to the sign-in that is waiting.", "待っているサインインへの回答ではありません。"},
	"auth.page_over":   {"This sign-in is over. Go back to the terminal.", "このサインインは終わっています。ターミナルに戻ってください。"},
}
