package phrase

var monitorTexts = map[string]text{
	"monitor.link": {"Dashboard", "ダッシュボード"},
	"monitor.bad_limit": {
		"a list has at most {most} entries",
		"一覧は最大 {most} 件です",
	},
	"monitor.other": {"{error}", "{error}"},
	"monitor.stalled": {
		"no sign of life for {span}",
		"{span} の間、動きがありません",
	},
	"monitor.stalled.soon": {
		"nothing yet; in {span} it is stopped and resumed",
		"まだ何もしていません。{span} 後に強制停止して再開します",
	},
	"monitor.cpu_busy": {
		"it has kept all processors {percent} % busy for minutes",
		"数分間、全 CPU の {percent} % 以上を使い続けています",
	},
	"monitor.zombies": {
		"{count} of its processes {count|is a zombie|are zombies}",
		"ゾンビプロセスが {count} 個あります",
	},
	"monitor.stuck": {
		"{count} of its processes {count|hangs|hang} in the kernel and cannot be ended",
		"{count} 個のプロセスがカーネル内で停止しており、終了できません",
	},
	"monitor.stuck.todo": {
		"look at the disk and the GPU's driver; it may take a reboot",
		"ディスクと GPU ドライバーを確認してください。再起動が必要な場合があります",
	},
	"monitor.long": {
		"it has been running for more than {limit}",
		"実行時間が {limit} を超えました",
	},
	"monitor.long.todo": {
		"nothing, if that is right; otherwise `uratori kill {task}`",
		"問題なければ何もしなくて構いません。止める場合は `uratori kill {task}`",
	},
	"monitor.leak": {
		"its memory grows steadily: by {bytes} in {span}",
		"メモリが増え続けています: {span} で {bytes}",
	},
	"monitor.leak.todo": {
		"look for what it keeps; it goes on",
		"解放されていないものがないか確認してください(実行は継続中)",
	},
	"monitor.memory_low": {
		"less than {percent} % of this machine's memory is left",
		"このマシンの空きメモリが {percent} % を下回りました",
	},
	"monitor.memory_low.todo": {
		"end something, before the kernel does",
		"カーネルに強制終了される前に、何かを終了してください",
	},
	"monitor.disk_low": {
		"less than {bytes} is left on the disk of {folder}",
		"{folder} のディスクの空きが {bytes} を下回りました",
	},
	"monitor.disk_low.todo": {
		"make room; `uratori cleanup` removes what old tasks left",
		"空きを作ってください。`uratori cleanup` で古いタスクの残りを削除できます",
	},
	"monitor.gpu_blind": {
		"the GPUs cannot be looked at any more",
		"GPU の状態を確認できなくなりました",
	},
	"monitor.gpu_blind.todo": {
		"`uratori doctor` says why; tasks go on unwatched as far as the GPU is concerned",
		"`uratori doctor` で原因を確認してください。GPU については監視なしで実行が続いています",
	},
	"monitor.gpu_failed.todo": {
		"look at the GPU before anything runs on it again: `uratori doctor`, nvidia-smi",
		"再び使う前に GPU を確認してください(`uratori doctor`、nvidia-smi)",
	},
	"monitor.gpu_memory": {
		"the memory of {gpu} is {percent} % full or more",
		"{gpu} のメモリ使用率が {percent} % 以上です",
	},
	"monitor.gpu_memory.todo": {
		"end what else uses the GPU, or work on less at a time",
		"ほかの GPU の使用を止めるか、一度に処理する量を減らしてください",
	},
	"monitor.gpu_unused": {
		"it was given a GPU and has not used it in {span}: perhaps it works on the CPU",
		"GPU を割り当てましたが、{span} の間使っていません。CPU で動いている可能性があります",
	},
	"monitor.gpu_unused.todo": {
		"see what its log says: `uratori logs {task}`",
		"`uratori logs {task}` でログを確認してください",
	},
	"monitor.gpu_hot": {
		"{gpu} has {degrees} °C or more",
		"{gpu} の温度が {degrees} °C 以上です",
	},
	"monitor.gpu_throttled": {
		"{gpu} slows itself down because it is too hot",
		"{gpu} が過熱のため速度を落としています",
	},
	"monitor.gpu_hot.todo": {
		"look at the fans and the air round it",
		"ファンと通気を確認してください",
	},
	"monitor.gpu_ecc": {
		"{gpu} has met an error in its memory that it could not correct",
		"{gpu} で訂正できないメモリエラーが発生しました",
	},
	"monitor.gpu_xid": {
		"{gpu} reports the error Xid {xid} ({name})",
		"{gpu} がエラー Xid {xid}({name})を報告しました",
	},
	"monitor.gpu_log": {
		"its log tells of a GPU error: {line}",
		"ログに GPU エラーがあります: {line}",
	},
	"monitor.gpu_fallback": {
		"it goes on without the GPU: {line}",
		"GPU を使わずに処理しています: {line}",
	},
	"monitor.stop.failed": {
		"it could not be stopped: {error}",
		"停止できませんでした: {error}",
	},
	"monitor.stopping.again": {
		"it is being stopped, and then resumed (attempt {n} of {of})",
		"強制停止し、続きから再開します({of} 回中 {n} 回目)",
	},
	"monitor.stopping.done": {
		"it is being stopped; it is not resumed by itself",
		"強制停止します。自動では再開しません",
	},
	"monitor.survivors": {
		"it could not be ended: processes of it are left",
		"停止できませんでした。プロセスが残っています",
	},
	"monitor.survivors.todo": {
		"it is tried again; a process that hangs in a driver only goes with a reboot",
		"再試行を続けます。ドライバー内で停止したプロセスは再起動でしか消えません",
	},
	"monitor.task.again": {
		"it is resumed at {at}",
		"{at} に自動で再開します",
	},
	"monitor.task.failed": {
		"nothing more: it has failed for good",
		"再開は行いません(失敗で確定)",
	},
	"monitor.became.again": {
		"the task was run again at {at}; what becomes of it is not known yet",
		"{at} にタスクを再実行しました。結果はまだ出ていません",
	},
	"monitor.became.succeeded": {
		"the task went on, and succeeded in attempt {n} at {at}",
		"その後も実行を続け、{n} 回目の試行で {at} に成功しました",
	},
	"monitor.became.killed": {
		"the task was killed at {at}",
		"{at} にタスクを強制終了しました",
	},
	"monitor.became.failed": {
		"the task went on, and failed for good at {at}",
		"その後も実行を続けましたが、{at} に失敗で確定しました",
	},
	"monitor.task.todo": {
		"look at `uratori logs {task}`, then `uratori retry {task}`",
		"`uratori logs {task}` を確認し、`uratori retry {task}` で再実行できます",
	},
	"monitor.task.unexplained": {
		"it ended, and why is not known",
		"終了しましたが、理由は不明です",
	},
	"monitor.refused": {
		"it was not queued",
		"キューに入れていません",
	},
	"monitor.loop_failed": {
		"a part of uratori itself failed: {loop}: {error}",
		"uratori 自身の一部が失敗しました: {loop}: {error}",
	},
	"monitor.loop_failed.done": {
		"it is started again",
		"自動で再始動します",
	},
	"monitor.loop_failed.todo": {
		"report it, with logs/daemon.log",
		"logs/daemon.log を添えて報告してください",
	},
	"monitor.unread": {
		"entry {seq} of uratori's records ({kind}) cannot be understood, so nobody was told of it",
		"記録の {seq} 番({kind})を解釈できないため、通知できませんでした",
	},
	"monitor.trouble.todo": {
		"`uratori doctor` says more; what waits is done when it is over",
		"`uratori doctor` で確認してください。保留中の処理は復旧後に実行されます",
	},
	"monitor.crashed": {
		"uratori had ended without being asked to, and was started again",
		"uratori が予期せず終了していたため、再び起動しました",
	},
	"monitor.crashed.done": {
		"tasks that ran were taken up; what ended meanwhile is told by itself",
		"実行中のタスクを引き継ぎました。その間に終わったものは個別に通知します",
	},
	"monitor.store_damaged": {
		"the records of uratori are damaged",
		"uratori の記録が壊れています",
	},
	"monitor.store_damaged.todo": {
		"`uratori doctor` and `uratori ledger verify` say where",
		"`uratori doctor` と `uratori ledger verify` で場所を確認してください",
	},
	"monitor.astray": {
		"a write to the sheet landed in another row, because rows moved just then",
		"行が移動した瞬間の書き込みが、別の行に入りました",
	},
	"monitor.approval": {
		"your approval is waited for: {step}",
		"承認をお待ちしています: {step}",
	},
	"monitor.approval.todo": {
		"look at what is to be approved, then `uratori approve {ticket}` in a terminal of your own",
		"対象を確認し、ご自身の端末で `uratori approve {ticket}` を実行してください",
	},
	"monitor.approval.locked": {
		"somebody has typed wrong passphrases for approvals, again and again",
		"承認用パスフレーズの誤入力が続きました",
	},
	"monitor.approval.locked.done": {
		"nobody can approve before {at}",
		"{at} まで承認を受け付けません",
	},
	"monitor.approval.locked.todo": {
		"if that was not you, find out who it was: `uratori ledger export approval`",
		"心当たりがなければ `uratori ledger export approval` で確認してください",
	},
	"monitor.approval.first": {
		"a passphrase for approvals was set for the first time",
		"承認用パスフレーズが初めて設定されました",
	},
	"monitor.approval.changed": {
		"the passphrase for approvals was changed",
		"承認用パスフレーズが変更されました",
	},
	"monitor.approval.again": {
		"the passphrase for approvals was replaced by somebody who did not know the old one",
		"古いパスフレーズを知らない誰かが、承認用パスフレーズを置き換えました",
	},
	"monitor.approval.set.todo": {
		"if that was not you, an agent can approve in your name: see docs/threat-model.md",
		"心当たりがなければ、エージェントがあなたの名前で承認できる状態です。docs/threat-model.md を参照してください",
	},
	"monitor.approval.tampered": {
		"the records of approvals were tampered with: {about}",
		"承認の記録が改ざんされています: {about}",
	},
	"monitor.approval.tampered.done": {
		"what was tampered with does not count",
		"改ざんされた承認は無効として扱います",
	},
	"monitor.approval.tampered.todo": {
		"`uratori ledger verify`, and see docs/threat-model.md",
		"`uratori ledger verify` を実行し、docs/threat-model.md を参照してください",
	},
	"monitor.workflow.tampered": {
		"the record of {ticket}'s workflow was changed in the database",
		"{ticket} のワークフローの記録がデータベース上で書き換えられています",
	},
	"monitor.workflow.tampered.done": {
		"no step of it passes",
		"このチケットの工程は通過できません",
	},
	"monitor.rule": {
		"your rule \"{name}\" holds",
		"ルール「{name}」に該当しました",
	},
	"monitor.rules_unread": {
		"the rules in {file} cannot be read",
		"{file} のルールを読み取れません",
	},
	"monitor.too_many_rules": {
		"{file} has more than {most} rules",
		"{file} のルールが多すぎます(最大 {most})",
	},
	"monitor.bad_rule": {
		"rule {number} of {file} ({name}) is wrong",
		"{file} の {number} 番目のルール({name})が正しくありません",
	},

	"messages.test.title": {"uratori: a test", "uratori: テスト通知"},
	"messages.test.body": {
		"Messages reach this device. Nothing is wrong.",
		"この端末に通知が届くことを確認しました。異常ではありません。",
	},
	"problem.incidents": {
		"the incidents could not be read: {error}",
		"インシデントを読み取れません: {error}",
	},
	"problem.messages": {
		"messages do not reach people: {error}",
		"通知が届いていません: {error}",
	},
	"doctor.messages_none": {
		"nobody is told when something goes wrong: set notify.pushover.token and notify.pushover.user, or another channel",
		"異常時の通知先がありません。notify.pushover.token と notify.pushover.user などを設定してください",
	},
	"doctor.messages_ok": {
		"ways to tell people that are set: {count}; none has refused a message (`uratori notify test` tries them)",
		"通知先は {count} 件で、拒否されたものはありません(`uratori notify test` で試せます)",
	},
	"doctor.gpus_ok": {
		"the GPUs are watched through {library} (driver {driver})",
		"GPU を {library}(ドライバー {driver})で監視しています",
	},
	"doctor.gpus_none": {
		"no GPU is watched: {reason}",
		"GPU は監視していません: {reason}",
	},
	"doctor.gpus_starting": {
		"the GPUs are being looked for",
		"GPU を探しています",
	},
	"doctor.gpus_lost": {
		"the GPUs cannot be looked at: {reason}",
		"GPU の状態を確認できません: {reason}",
	},
}
