package phrase

var notifyTexts = map[string]text{
	"notify.foot": {
		"Message {id}",
		"通知 {id}",
	},
	"notify.foot_repeat": {
		"Message {id}, sent again because no answer came; you may have it already",
		"通知 {id}(前回の応答がなかったため再送。すでに届いている場合があります)",
	},
	"notify.no_picture": {
		"Without the picture {file}: {problem}",
		"画像 {file} は添付できませんでした: {problem}",
	},
	"notify.picture.no_image":    {"it is no image", "画像ファイルではありません"},
	"notify.picture.not_decoded": {"it cannot be decoded", "画像として読み取れません"},
	"notify.picture.too_large":   {"it is too large", "大きすぎます"},
	"notify.picture.unreadable":  {"it cannot be read", "ファイルを読み取れません"},

	"notify.half_set": {
		"messages cannot go to the phone: {set} is set, but {missing} is not; set it, or {variable} in the environment",
		"スマートフォンに通知できません。{set} は設定されていますが {missing} がありません。設定するか、環境変数 {variable} で指定してください",
	},
	"notify.bad_address": {
		"the address of {channel} in the settings cannot be used",
		"設定にある {channel} のアドレスは使えません",
	},
	"notify.unreachable": {
		"{channel} cannot be reached, and nothing was sent; it is tried again",
		"{channel} に接続できず、送信していません。自動で再試行します",
	},
	"notify.no_answer": {
		"{channel} did not answer: the message may have arrived; it is sent again, marked as a possible repeat",
		"{channel} から応答がありません。届いた可能性がありますが、重複の可能性を明記して再送します",
	},
	"notify.cut_off": {
		"the daemon ended while the message was being sent: it may have arrived; it is sent again, marked as a possible repeat",
		"送信中にデーモンが終了しました。届いた可能性がありますが、重複の可能性を明記して再送します",
	},
	"notify.busy": {
		"{channel} takes no more messages for now; it is asked again after {until}",
		"{channel} が混み合っているため、{until} 以降に再試行します",
	},
	"notify.over_quota": {
		"the month's messages of {channel} are used up until {until}; buy more there, then run `uratori notify retry`",
		"{channel} の今月の送信数を使い切りました({until} まで)。追加購入した場合は `uratori notify retry` を実行してください",
	},
	"notify.server_error": {
		"{channel} is in trouble (status {status}); it is tried again",
		"{channel} 側の障害です(ステータス {status})。自動で再試行します",
	},
	"notify.odd_answer": {
		"something else has answered in the place of {channel} (status {status}): a proxy, or a wrong address in the settings; it is tried again",
		"{channel} ではないものが応答しました(ステータス {status})。プロキシか、設定のアドレス間違いと思われます。自動で再試行します",
	},
	"notify.refused": {
		"{channel} has refused the message: {errors}",
		"{channel} が通知を受け付けませんでした: {errors}",
	},
	"notify.pushover_token": {
		"Pushover does not know the application token: put the one from https://pushover.net/apps into notify.pushover.token (or PUSHOVER_TOKEN), restart the daemon, then run `uratori notify retry` ({errors})",
		"Pushover のアプリケーショントークンが正しくありません。https://pushover.net/apps のトークンを notify.pushover.token(または PUSHOVER_TOKEN)に設定し、デーモンを再起動して `uratori notify retry` を実行してください ({errors})",
	},
	"notify.pushover_user": {
		"Pushover does not know the user key: put the one from https://pushover.net/ into notify.pushover.user (or PUSHOVER_USER), restart the daemon, then run `uratori notify retry` ({errors})",
		"Pushover のユーザーキーが正しくありません。https://pushover.net/ に表示されるキーを notify.pushover.user(または PUSHOVER_USER)に設定し、デーモンを再起動して `uratori notify retry` を実行してください ({errors})",
	},
	"notify.webhook_refused": {
		"the webhook has refused the message (status {status}): check notify.webhook.url, then run `uratori notify retry`",
		"Webhook が通知を受け付けませんでした(ステータス {status})。notify.webhook.url を確認し、`uratori notify retry` を実行してください",
	},
	"notify.ntfy_token": {
		"the ntfy server does not let us publish: check notify.ntfy.url and notify.ntfy.token, then run `uratori notify retry` ({errors})",
		"ntfy サーバーへの送信が許可されていません。notify.ntfy.url と notify.ntfy.token を確認し、`uratori notify retry` を実行してください ({errors})",
	},

	"notify.report.task":    {"Task {task}", "タスク {task}"},
	"notify.report.attempt": {"attempt {n} of {of}", "{of} 回中 {n} 回目"},
	"notify.report.item":    {"item {n} of {of}", "{of} 件中 {n} 件目"},
	"notify.report.since":   {"Since {at} ({span})", "{at} から({span})"},
	"notify.report.done":    {"Done: {text}", "対応: {text}"},
	"notify.report.todo":    {"To do: {text}", "次にすること: {text}"},

	"notify.span.days":    {"{days} d {hours} h", "{days} 日 {hours} 時間"},
	"notify.span.hours":   {"{hours} h {minutes} min", "{hours} 時間 {minutes} 分"},
	"notify.span.minutes": {"{minutes} min {seconds} s", "{minutes} 分 {seconds} 秒"},
	"notify.span.seconds": {"{seconds} s", "{seconds} 秒"},
}
