package phrase

var controlTexts = map[string]text{
	"control.not_running": {
		"no daemon is running for {home}",
		"{home} のデーモンは動いていません",
	},
	"control.unreachable": {
		"the daemon of {home} cannot be reached; see `uratori doctor` and the log in {home}/logs",
		"{home} のデーモンに接続できません。`uratori doctor` と {home}/logs のログを確認してください",
	},
	"control.other_version": {
		"the daemon is uratori {daemon} and speaks protocol {have}, this command is {command} and speaks {want}: run `uratori down` and repeat; running jobs are not touched",
		"デーモンは uratori {daemon}(プロトコル {have})、このコマンドは {command}(プロトコル {want})です。`uratori down` を実行してからやり直してください。実行中のジョブには影響しません",
	},
	"control.start_failed": {
		"the daemon of {home} could not be started",
		"{home} のデーモンを起動できませんでした",
	},
	"control.gave_up": {
		"the daemon did not answer in time; nothing is known about the outcome: see `uratori status`",
		"デーモンが時間内に応答しませんでした。結果は不明です。`uratori status` を確認してください",
	},
	"control.broken_answer": {
		"the daemon's answer could not be read; nothing is known about the outcome: see `uratori status`",
		"デーモンの応答を読み取れませんでした。結果は不明です。`uratori status` を確認してください",
	},
}
