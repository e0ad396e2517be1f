package phrase

var gateTexts = map[string]text{
	"gate.syntax": {
		"{where}: {problem}, which a gate cannot have: correct the line",
		"{where}: {problem} はゲートに使えません。この行を直してください",
	},
	"gate.too_long": {
		"{file} has more than {bytes} bytes, and is not read: split it up or correct it",
		"{file} は {bytes} バイトを超えているため読み込みません。分けるか直してください",
	},
	"gate.nothing": {
		"there is nothing in {file}: write what has to be true",
		"{file} に何も書かれていません。確認する内容を書いてください",
	},
	"gate.no_mapping": {
		"{where}: below {what} there have to be pairs of a name and a value (name: value)",
		"{where}: {what} の下には「名前: 値」の組を書いてください",
	},
	"gate.twice": {
		"{where}: {key} stands twice: leave one of them out, or put both into one",
		"{where}: {key} が 2 回書かれています。一方を消すか、1 つにまとめてください",
	},
	"gate.empty": {
		"{where}: nothing is claimed, and a gate that looks at nothing lets everything through: add a claim ({allowed})",
		"{where}: 確認する内容がありません。何も確認しないゲートは何でも通してしまいます。次のいずれかを書いてください: {allowed}",
	},
	"gate.no_subject": {
		"{where}: {claim} has nothing below it: add what it is about, or leave it out",
		"{where}: {claim} の下に何もありません。対象を書くか、{claim} を消してください",
	},
	"gate.too_many": {
		"{where}: a gate has at most {most} claims: put some together with a glob",
		"{where}: ゲートに書ける主張は {most} 個までです。グロブでまとめてください",
	},
	"gate.unknown_type": {
		"{where}: there is no type of claims {key}: use one of {allowed}",
		"{where}: 主張の種類 {key} はありません。使えるもの: {allowed}",
	},
	"gate.unknown_key": {
		"{where}: {claim} has no option {key}: use one of {allowed}",
		"{where}: {claim} に {key} という項目はありません。使えるもの: {allowed}",
	},
	"gate.bad_option": {
		"{where}: {key} of {claim} is not what it has to be",
		"{where}: {claim} の {key} の値が正しくありません",
	},
	"gate.bad_subject": {
		"{where}: this cannot be the subject of {claim}",
		"{where}: {claim} の対象にできません",
	},
	"gate.lacks": {
		"{where}: {claim} needs {key}: add it",
		"{where}: {claim} には {key} が必要です。書き加えてください",
	},
	"gate.no_command": {
		"{where}: the report has to be made by a command of the same gate, named by \"command\"; there is none of the name \"{command}\" among [{commands}]: add one, or correct the name",
		"{where}: テスト結果は同じゲートの command が作ったものでなければならず、「command」で指定します。[{commands}] の中に「{command}」はありません。書き加えるか、名前を直してください",
	},
	"gate.want.flag": {
		"write true or false",
		"true か false を書いてください",
	},
	"gate.want.number": {
		"write a whole number, {least} or more",
		"{least} 以上の整数を書いてください",
	},
	"gate.want.order": {
		"the largest value must not be smaller than the least",
		"最大値は最小値より小さくできません",
	},
	"gate.want.range": {
		"write a number, or {{min: N}}, {{max: N}} or both",
		"数か、{{min: N}}、{{max: N}}、またはその両方を書いてください",
	},
	"gate.want.text": {
		"write one text that is not empty, in quotes where it looks like a number",
		"空でない文字列を 1 つ書いてください。数に見える場合は引用符で囲みます",
	},
	"gate.want.texts": {
		"write a text or a list of texts, none of them empty: an empty list would claim nothing",
		"文字列か、文字列のリストを書いてください。空の文字列や空のリストは何も確認しないことになります",
	},
	"gate.want.one_of": {
		"write one of {allowed}",
		"次のいずれかを書いてください: {allowed}",
	},
	"gate.want.output": {
		"write a list of texts that must be in it, or {{contains: […], lacks: […], matches: […]}}",
		"含まれるべき文字列のリストか、{{contains: […], lacks: […], matches: […]}} を書いてください",
	},
	"gate.want.expression": {
		"this is no regular expression ({problem})",
		"正規表現として正しくありません ({problem})",
	},
	"gate.want.duration": {
		"write how long it may take, as 30s or 10m, at most {most}",
		"制限時間を 30s や 10m のように書いてください。最長は {most} です",
	},
	"gate.want.moment": {
		"write start, step or a time as 2026-11-21T10:00:00+09:00",
		"start、step、または 2026-11-21T10:00:00+09:00 のような日時を書いてください",
	},
	"gate.want.sha256": {
		"write a SHA-256 as 64 hexadecimal digits",
		"SHA-256 を 16 進数 64 桁で書いてください",
	},
	"gate.want.alone": {
		"it does not go together with what the claim asks for; allowed beside it: {allowed}",
		"この主張とは一緒に使えません。併用できるもの: {allowed}",
	},
	"gate.want.status": {
		"write an exit status from 0 to 255",
		"0 から 255 までの終了ステータスを書いてください",
	},
	"gate.want.http_status": {
		"write a status from 100 to 599",
		"100 から 599 までのステータスを書いてください",
	},
	"gate.want.argv": {
		"\"{word}\" hands a text to a shell, in which || true or a pipe can hide a failure: write the program and its arguments one by one, with cwd where it needs a folder, or put the text into a script file",
		"「{word}」はシェルに文字列を渡します。その中の || true やパイプは失敗を隠せます。プログラムと引数を 1 つずつ書き (フォルダーが必要なら cwd)、またはスクリプトファイルにしてください",
	},
	"gate.want.variables": {
		"write NAME: \"value\" pairs",
		"NAME: \"値\" の組を書いてください",
	},
	"gate.want.commit": {
		"write the name of a commit, 7 to 64 hexadecimal digits",
		"コミットの名前を 16 進数 7 桁から 64 桁で書いてください",
	},
	"gate.want.branch": {
		"write the plain name of a branch, or HEAD",
		"ブランチの名前か HEAD を書いてください",
	},
	"gate.want.url": {
		"\"{text}\" is no address: write http://127.0.0.1:8088/ or the like, without a name and password",
		"「{text}」はアドレスになっていません。http://127.0.0.1:8088/ のように、ユーザー名やパスワードを入れずに書いてください",
	},
	"gate.want.name": {
		"write patterns of names without a slash, as *.png, and the folder in \"under\"",
		"*.png のように、スラッシュを含まない名前のパターンを書いてください。フォルダーは「under」に書きます",
	},
	"gate.bad_path": {
		"{path} is no path and no pattern of paths that can be used here: write it relative to the project, or begin it with {{workspace}}/",
		"{path} はここで使えるパスやパターンではありません。プロジェクトからの相対パスで書くか、{{workspace}}/ で始めてください",
	},
	"gate.outside": {
		"{path} leads out of the project and of the folder of the ticket, and is not looked at: give a path inside, relative to the project",
		"{path} はプロジェクトとチケットのフォルダーの外に出るため、確認しません。プロジェクトからの相対パスで、中を指すように書いてください",
	},
	"gate.bad_folder": {
		"{folder} cannot be the folder of a project: it has to be absolute, without links and \"..\"",
		"{folder} はプロジェクトのフォルダーになりません。リンクや「..」のない絶対パスにしてください",
	},
	"gate.bad_ticket": {
		"{ticket} cannot be part of a path: correct the id of the ticket, or leave {{id}} out of the gate",
		"{ticket} はパスの一部にできません。チケットの ID を直すか、ゲートから {{id}} を外してください",
	},
	"gate.no_value": {
		"the project does not say what {{{name}}} is: add a line like {line} below [project] in uratori.toml",
		"{{{name}}} の値がプロジェクトに設定されていません。uratori.toml の [project] に {line} のような行を書き加えてください",
	},
	"gate.unknown_name": {
		"{text}: nothing is called {{{name}}} here; the names that are filled in are {allowed}",
		"{text}: {{{name}}} という名前はありません。置き換えられる名前は {allowed} です",
	},
	"gate.unknown_part": {
		"{text}: {{{name}}} is not filled in here, where one pattern stands for all files: write {pattern}",
		"{text}: {{{name}}} はここでは置き換えられません。すべてのファイルに一致するパターンとして {pattern} と書いてください",
	},
	"gate.many_values": {
		"{text} needs one value, and {{{name}}} has several: let it stand alone, or give it one",
		"{text} には値が 1 つ必要ですが、{{{name}}} には複数あります。単独で書くか、値を 1 つにしてください",
	},
	"gate.no_root": {
		"{path} is relative to the project, and there is none: start the workflow in the folder of the project, or give its folder",
		"{path} はプロジェクトからの相対パスですが、プロジェクトが決まっていません。プロジェクトのフォルダーでワークフローを始めるか、フォルダーを指定してください",
	},
	"gate.no_workspace": {
		"{path} is below the folder of the ticket, and there is none: make it first",
		"{path} はチケットのフォルダーの中ですが、フォルダーがありません。先に作成してください",
	},
	"gate.no_start": {
		"it is not known when \"{moment}\" was: start the workflow of the ticket, or write a time",
		"「{moment}」の時刻が分かりません。チケットのワークフローを始めるか、日時を書いてください",
	},
	"gate.no_run": {
		"the command {command} that makes the report cannot be run; see what is said about it",
		"結果を作るコマンド {command} を実行できません。そのコマンドの説明を見てください",
	},
	"gate.not_in_project": {
		"{path} is not in the project, and no commit of it can have it: give a path of the project",
		"{path} はプロジェクトの外にあり、コミットに含まれることはありません。プロジェクトのパスを書いてください",
	},
	"gate.nothing_frozen": {
		"no file has been frozen: pass the step that freezes them",
		"固定されたファイルがありません。ファイルを固定する手順を先に通してください",
	},
	"gate.tells.file": {
		"the file {subject} is there ({terms})",
		"ファイル {subject} がある ({terms})",
	},
	"gate.tells.images": {
		"the pictures {subject} can be decoded to the end ({terms})",
		"画像 {subject} を最後までデコードできる ({terms})",
	},
	"gate.tells.count_equal": {
		"{subject}: the files pair up by name ({terms})",
		"{subject}: ファイルが名前で対になっている ({terms})",
	},
	"gate.tells.command": {
		"the command {subject} is run and ends well ({terms})",
		"コマンド {subject} を実行し、正しく終わる ({terms})",
	},
	"gate.tells.test_report": {
		"the tests of {subject} ran and none failed ({terms})",
		"{subject} のテストが実行され、失敗がない ({terms})",
	},
	"gate.tells.git_commit": {
		"{subject}: it is committed ({terms})",
		"{subject}: コミットされている ({terms})",
	},
	"gate.tells.process_gone": {
		"the process {subject} has ended ({terms})",
		"プロセス {subject} が終了している ({terms})",
	},
	"gate.tells.http": {
		"{subject} answers ({terms})",
		"{subject} が応答する ({terms})",
	},
	"gate.tells.no_match_since": {
		"{subject}: no such file has appeared or changed ({terms})",
		"{subject}: 該当するファイルが新しくできたり変わったりしていない ({terms})",
	},
	"gate.tells.task": {
		"the task {subject} of this ticket has succeeded, and its outputs are whole now ({terms})",
		"このチケットのタスク {subject} が成功し、出力が今も揃っている ({terms})",
	},
	"gate.tells.approval": {
		"a person has approved {subject} ({terms})",
		"人が {subject} を承認している ({terms})",
	},
	"gate.tells.sheet_cell": {
		"the sheet shows it in {subject} ({terms})",
		"シートの {subject} に書かれている ({terms})",
	},
	"gate.tells.writes": {
		"every write to the ticket is in the sheet ({subject}: {terms})",
		"チケットへの書き込みがすべてシートにある ({subject}: {terms})",
	},
	"gate.tells.frozen": {
		"the frozen files are unchanged and none is missing ({subject} {terms})",
		"固定したファイルが変わらず、すべて揃っている ({subject} {terms})",
	},
}
