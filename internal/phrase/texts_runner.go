package phrase

var runnerTexts = map[string]text{
	"doctor.keeper_small": {
		"each job is kept by a small program, {path}",
		"各ジョブは小さなプログラムが見守ります: {path}",
	},
	"doctor.keeper_whole": {
		"each job is kept by uratori itself, which takes more memory: this build has no small program in it (scripts/build makes one that has)",
		"各ジョブは uratori 本体が見守ります(メモリを多めに使います)。このビルドには小さなプログラムが入っていません(scripts/build で作れます)",
	},
	"doctor.keeper_fallback": {
		"each job is kept by uratori itself, which takes more memory; the small program cannot be used: {error}",
		"各ジョブは uratori 本体が見守ります(メモリを多めに使います)。小さなプログラムは使えません: {error}",
	},
	"task.list_lost": {
		"the list of what task {task} has made is gone, or is not the one that the ledger knows: run it again",
		"タスク {task} の出力一覧がないか、台帳にあるものと異なります。もう一度実行してください",
	},
	"task.unknown": {
		"there is no task {task}; `uratori status` lists them",
		"タスク {task} はありません(`uratori status` で一覧を見られます)",
	},
	"task.no_attempt": {
		"task {task} has no attempt {attempt}",
		"タスク {task} に {attempt} 回目の実行はありません",
	},
	"task.cwd_not_absolute": {
		"the working folder must be an absolute path: {cwd}",
		"作業フォルダは絶対パスで指定してください: {cwd}",
	},
	"task.no_cwd": {
		"the working folder {cwd} is not there",
		"作業フォルダ {cwd} が見つかりません",
	},
	"task.cwd_no_folder": {
		"the working folder {cwd} is not a folder",
		"作業フォルダ {cwd} はフォルダではありません",
	},
	"task.bad_env": {
		"{name} cannot be an environment variable: a name without '=', and no NUL bytes",
		"{name} は環境変数に使えません(名前に「=」、値に NUL バイトは使えません)",
	},
	"task.our_env": {
		"{name} is set by uratori itself and cannot be given",
		"{name} は uratori が設定するため、指定できません",
	},
	"task.out_of_range": {
		"{what} is {value}: allowed are {low} to {high}",
		"{what} の値 {value} は範囲外です({low}〜{high})",
	},
	"task.bad_duration": {
		"a time limit cannot be negative",
		"制限時間に負の値は使えません",
	},
	"task.bad_on_gpu_error": {
		"on_gpu_error is {value}: allowed is cpu, or nothing",
		"on_gpu_error の値 {value} は使えません(cpu または指定なし)",
	},
	"task.outputs_alone": {
		"outputs are named, but no items that they are made of",
		"出力が指定されていますが、入力(items)がありません",
	},
	"task.each_alone": {
		"the command is to be run once per item, but no items are given",
		"項目ごとの実行が指定されていますが、入力(items)がありません",
	},
	"task.no_command": {
		"there is no command to run",
		"実行するコマンドがありません",
	},
	"task.bad_command": {
		"the command holds a NUL byte or text that is not UTF-8",
		"コマンドに NUL バイトか UTF-8 でない文字が含まれています",
	},
	"task.long_command": {
		"the command is {bytes} bytes long, more than {most}: give long lists in a file",
		"コマンドが長すぎます({bytes} バイト、上限 {most})。長い一覧はファイルで渡してください",
	},
	"task.bad_name": {
		"{name} cannot be the name of a task: 1 to {most} visible characters",
		"{name} はタスク名に使えません(表示できる 1〜{most} 文字)",
	},
	"task.bad_ticket": {
		"{ticket} cannot be the id of a ticket",
		"{ticket} はチケット ID として正しくありません",
	},
	"task.no_ticket": {
		"there is no ticket {ticket}: file it first, or correct the id",
		"チケット {ticket} はありません。先に起票するか、ID を直してください",
	},
	"task.too_many_gpus": {
		"the task needs {want} GPUs, and this machine has {have}",
		"GPU が {want} 個必要ですが、このマシンには {have} 個しかありません",
	},
	"task.gpus_unknown": {
		"which GPUs this machine has is not known; name them in runner.gpus of the settings",
		"このマシンの GPU が分かりません。設定の runner.gpus で指定してください",
	},
	"task.bad_key": {
		"a key has 1 to {most} characters",
		"キーは 1〜{most} 文字です",
	},
	"task.key_taken": {
		"the key {key} was used for another request, task {task}; a new request needs a new key",
		"キー {key} は別の依頼(タスク {task})で使用済みです。新しい依頼には新しいキーを指定してください",
	},
	"task.after_unknown": {
		"task {task}, which is to be waited for, does not exist",
		"待つ対象のタスク {task} はありません",
	},
	"task.circle": {
		"task {task} would wait for itself",
		"タスク {task} が自分自身を待つことになります",
	},
	"task.nothing_queued": {
		"nothing is queued that could start",
		"開始できる待機中のタスクはありません",
	},
	"task.no_slot": {
		"all slots are in use ({slots}): the task starts when one is free",
		"空きスロットがありません({slots} 個すべて使用中)。空き次第開始します",
	},
	"task.has_ended": {
		"task {task} has ended ({state})",
		"タスク {task} はすでに終了しています({state})",
	},
	"task.still_runs": {
		"task {task} is at work ({state}): kill it first",
		"タスク {task} は実行中です({state})。先に停止してください",
	},
	"task.not_queued": {
		"task {task} does not wait any more ({state}): only a waiting task can be changed",
		"タスク {task} は待機中ではありません({state})。変更できるのは待機中のタスクだけです",
	},
	"task.not_running": {
		"task {task} does not run ({state})",
		"タスク {task} は実行中ではありません({state})",
	},
	"task.bad_state": {
		"{state} is no state of a task",
		"{state} というタスクの状態はありません",
	},
	"task.bad_stream": {
		"{stream} is no output of a job: stdout, stderr, or both when empty",
		"{stream} という出力はありません(stdout、stderr、空なら両方)",
	},
	"task.no_log": {
		"the output of attempt {attempt} of task {task} is not there any more",
		"タスク {task} の {attempt} 回目の出力はもうありません",
	},
	"task.killed_by": {
		"it was ended by {by}",
		"{by} により停止されました",
	},
	"task.was_ended": {
		"it was ended on demand ({wish})",
		"要求により停止されました({wish})",
	},
	"task.is_ending": {
		"task {task} is being ended",
		"タスク {task} は停止処理中です",
	},
	"task.not_ended_yet": {
		"task {task} is being ended, but has not ended yet; `uratori status {task}` shows when it has",
		"タスク {task} は停止処理中で、まだ終了していません(`uratori status {task}` で確認できます)",
	},
	"task.not_looked": {
		"whether anything of task {task} is left could not be looked at",
		"タスク {task} のプロセスが残っているか確認できませんでした",
	},
	"task.survivors": {
		"task {task} could not be ended: {pids} are left; it is tried again",
		"タスク {task} を停止できません。残っているプロセス: {pids}(再試行します)",
	},
	"task.gpu_not_looked": {
		"its processes are gone, but whether the GPU's memory is free could not be looked at",
		"プロセスは残っていませんが、GPU メモリの解放は確認できませんでした",
	},
	"problem.tasks": {
		"the tasks could not be read: {error}",
		"タスクを読み取れません: {error}",
	},
	"task.gpu_held": {
		"memory of the GPU is still held by {pids}",
		"GPU メモリがまだ {pids} に使われています",
	},
	"task.not_held": {
		"task {task} is not paused, and all of it goes on: not every process of it could be stopped, or that could not be recorded",
		"タスク {task} を一時停止できませんでした(全プロセスを停止できないか、記録できませんでした)。すべて動き続けています",
	},
	"task.not_released": {
		"task {task} stays paused, all of it: not every process of it could go on, or that could not be recorded",
		"タスク {task} を再開できませんでした(全プロセスを再開できないか、記録できませんでした)。一時停止のままです",
	},
	"task.held_in_part": {
		"not every process of task {task} could be paused, or go on: {count} of {of} stand still now ({still}); pause or resume it once more, or kill it",
		"タスク {task} の全プロセスを一時停止または再開できませんでした。現在 {of} 個中 {count} 個が停止しています({still})。もう一度一時停止か再開を行うか、強制終了してください",
	},
	"task.held_unseen": {
		"task {task} may be paused in part: which of its processes stand still could not be looked at; pause or resume it once more, or kill it",
		"タスク {task} は一部だけ停止している可能性があります。どのプロセスが停止中か確認できませんでした。もう一度一時停止か再開を行うか、強制終了してください",
	},
	"task.nothing_to_do": {
		"there was nothing to do: all {total} outputs are there",
		"することがありません: {total} 件の出力はすべて揃っています",
	},
	"task.exit_status": {
		"it ended with status {code}",
		"終了コード {code} で終了しました",
	},
	"task.exit_signal": {
		"it was ended by the signal {signal}",
		"シグナル {signal} で終了しました",
	},
	"task.timed_out": {
		"it ran longer than {limit} and was ended",
		"制限時間 {limit} を超えたため停止しました",
	},
	"task.never_started": {
		"it was never started: the daemon ended just then",
		"開始の直前にデーモンが終了したため、開始されませんでした",
	},
	"task.keeper_lost": {
		"it was interrupted, and how it ended is not known: its keeper process is gone, as after a reboot",
		"中断されました。見張りのプロセスが失われたため、どう終わったかは分かりません(再起動など)",
	},
	"task.outputs_missing": {
		"{done} of {total} {total|output is|outputs are} there; the first that is not is that of {item}",
		"出力は {total} 件中 {done} 件です。最初に欠けているのは {item} の出力です",
	},
	"task.outputs_unread": {
		"its outputs could not be looked at",
		"出力を確認できませんでした",
	},
	"task.others_wait": {
		"other tasks wait for task {task}",
		"タスク {task} を待っているタスクがあります",
	},
	"task.ticket_open": {
		"work on {ticket} goes on, and it may need this as evidence",
		"{ticket} は作業中のため、証拠として残します",
	},
	"task.ticket_not_looked": {
		"whether {ticket} still needs it could not be looked at",
		"{ticket} でまだ必要か確認できませんでした",
	},
	"task.not_started.no_command": {
		"it could not be started: there is no command",
		"開始できません: コマンドがありません",
	},
	"task.not_started.bad_text": {
		"it could not be started: a NUL byte in the command, the folder or the environment",
		"開始できません: コマンド・フォルダ・環境変数に NUL バイトがあります",
	},
	"task.not_started.not_found": {
		"it could not be started: there is no program {program}",
		"開始できません: プログラム {program} が見つかりません",
	},
	"task.not_started.not_executable": {
		"it could not be started: {program} must not be executed",
		"開始できません: {program} に実行権限がありません",
	},
	"task.not_started.no_interpreter": {
		"it could not be started: what the first line of {program} names is not there",
		"開始できません: {program} の 1 行目で指定されたプログラムが見つかりません",
	},
	"task.not_started.bad_format": {
		"it could not be started: {program} is no program of this machine, nor a script with a first line that names one",
		"開始できません: {program} はこのマシンで実行できる形式ではありません",
	},
	"task.not_started.no_cwd": {
		"it could not be started: the folder {cwd} is not there any more",
		"開始できません: 作業フォルダ {cwd} がもうありません",
	},
	"task.not_started.cwd_denied": {
		"it could not be started: the folder {cwd} must not be entered",
		"開始できません: 作業フォルダ {cwd} に入れません",
	},
	"task.not_started.too_big": {
		"it could not be started: command and environment are larger than the kernel allows; give long lists in a file",
		"開始できません: コマンドと環境変数が大きすぎます。長い一覧はファイルで渡してください",
	},
	"task.not_started.no_processes": {
		"it could not be started: the limit of processes is reached",
		"開始できません: プロセス数の上限に達しています",
	},
	"task.not_started.no_memory": {
		"it could not be started: there is no memory left",
		"開始できません: メモリが不足しています",
	},
	"task.not_started.no_folder": {
		"it could not be started: its folder cannot be written, as on a full disk",
		"開始できません: フォルダに書き込めません(ディスクの空きなど)",
	},
	"task.not_started.bad_spec": {
		"it could not be started: its description cannot be read",
		"開始できません: 実行内容を読み取れません",
	},
	"task.not_started.refused": {
		"it could not be started: its folder is in use by another attempt",
		"開始できません: フォルダが別の実行で使用中です",
	},
	"task.not_started.no_shim": {
		"it could not be started: its keeper process could not be started",
		"開始できません: 見張りのプロセスを起動できません",
	},
	"task.not_started.not_started": {
		"it could not be started",
		"開始できません",
	},
}
