package phrase

var itemsTexts = map[string]text{
	"cli.each.short": {
		"Run a command once per item of an attempt (started by the daemon)",
		"試行の項目ごとにコマンドを実行する(デーモンが起動します)",
	},
	"items.bad_pattern": {
		"{pattern} is no pattern of paths: close every bracket and brace, and leave control characters out",
		"{pattern} はパスのパターンになっていません。括弧をすべて閉じ、制御文字を含めないでください",
	},
	"items.many_alternatives": {
		"the braces of {pattern} make more than {most} patterns of it: give them as several shorter ones, or use *",
		"{pattern} の波括弧を展開すると {most} 個を超えます。短いパターンに分けるか、* を使ってください",
	},
	"items.no_match": {
		"no file matches {pattern} in {folder}: correct the pattern, or the folder that the command is run in; put it in quotes if the shell is not to touch it",
		"{folder} に {pattern} に当てはまるファイルがありません。パターンか、コマンドを実行するフォルダーを直してください。シェルに展開させない場合は引用符で囲んでください",
	},
	"items.only_folders": {
		"{pattern} matches only folders, and an item is a file: add /* or /**/*.png or the like",
		"{pattern} に当てはまるのはフォルダーだけですが、項目はファイルでなければなりません。/* や /**/*.png などを付けてください",
	},
	"items.no_file": {
		"there is no file {path}: correct the path",
		"ファイル {path} がありません。パスを直してください",
	},
	"items.is_folder": {
		"{path} is a folder, and an item is a file: add /* or /**/*.png or the like, in quotes",
		"{path} はフォルダーですが、項目はファイルでなければなりません。/* や /**/*.png などを付け、引用符で囲んでください",
	},
	"items.not_file": {
		"{path} is a pipe, socket or device, and an item is a file",
		"{path} はパイプ、ソケット、デバイスのいずれかですが、項目はファイルでなければなりません",
	},
	"items.dangling": {
		"{path} is a symbolic link that leads nowhere: correct or remove the link (is the disk that it leads to mounted?)",
		"{path} はリンク先のないシンボリックリンクです。リンクを直すか削除してください(リンク先のディスクはマウントされていますか)",
	},
	"items.unreadable": {
		"{path} cannot be read: check its permissions and its disk",
		"{path} を読めません。権限とディスクを確認してください",
	},
	"items.bad_name": {
		"{path} cannot be an item: a name must be UTF-8 without control characters, since a list of items has one path a line; rename the file (convmv does that for names of another encoding)",
		"{path} は項目にできません。項目のリストは 1 行に 1 つのパスなので、名前は制御文字を含まない UTF-8 でなければなりません。ファイル名を変えてください(別の文字コードの名前は convmv で変換できます)",
	},
	"items.too_many": {
		"the patterns match more than {most} files, which is more than one task takes: make several tasks of them",
		"パターンに当てはまるファイルが 1 つのタスクで扱える {most} 個を超えています。いくつかのタスクに分けてください",
	},
	"items.bad_template": {
		"{template} is no template of an output: it is a path of a file such as out/{{stem}}.png; write {{{{ and }}}} for braces, and leave control characters out",
		"{template} は出力のテンプレートになっていません。out/{{stem}}.png のようなファイルのパスを指定してください。波括弧そのものは {{{{ と }}}} と書き、制御文字を含めないでください",
	},
	"items.unknown_placeholder": {
		"{placeholder} in the output {template} is not known; there are {known}",
		"出力 {template} の {placeholder} は使えません。使えるのは {known} です",
	},
	"items.output_no_file": {
		"the output {template} is {output} for {item}, which is no path of a file: correct the template",
		"出力 {template} は {item} に対して {output} となり、ファイルのパスになりません。テンプレートを直してください",
	},
	"items.output_too_long": {
		"the output {output} for {item} is longer than a file system takes: choose a shorter template",
		"{item} の出力 {output} はファイルシステムで使える長さを超えています。テンプレートを短くしてください",
	},
	"items.output_is_input": {
		"the output {output} for {item} would be written over the input {input}: choose another template",
		"{item} の出力 {output} は入力 {input} を上書きします。テンプレートを変えてください",
	},
	"items.same_output": {
		"{item} and {other} have the same output {output}: put {{stem}}, {{dir}} or {{index}} into the template so that each has its own",
		"{item} と {other} の出力が同じ {output} になります。テンプレートに {{stem}}、{{dir}}、{{index}} などを入れて、別々にしてください",
	},
	"items.same_template": {
		"two outputs of {item} are the same file {output}: leave one of the templates out",
		"{item} の 2 つの出力が同じファイル {output} になります。テンプレートの一方を外してください",
	},
	"items.output_in_file": {
		"the output {output} for {item} would lie in {file}, which is a file and cannot be a folder too: choose another template",
		"{item} の出力 {output} は {file} の中になりますが、これはファイルなのでフォルダーにはできません。テンプレートを変えてください",
	},
	"items.no_folder": {
		"the folder {folder} for outputs cannot be made: check the path and its permissions",
		"出力のフォルダー {folder} を作れません。パスと権限を確認してください",
	},
	"items.unwritable": {
		"{path} cannot be written: check that the disk has space and its permissions",
		"{path} を書き込めません。ディスクの空きと権限を確認してください",
	},
	"items.twice": {
		"{word} stands in the command twice: leave one out",
		"コマンドに {word} が 2 つあります。一方を外してください",
	},
	"items.not_alone": {
		"{word} in the command: {{items}} is all inputs and must be a word of its own; {{list}} is the path of a file of them, one a line",
		"コマンドの {word} について: {{items}} はすべての入力になるため、単独の引数でなければなりません。{{list}} なら、1 行に 1 つずつ入力を書いたファイルのパスになります",
	},
	"items.needs_each": {
		"{word} in the command has a meaning with one run per item alone: add --each, or use {{items}}, {{list}} or {{folder}}",
		"コマンドの {word} は項目ごとに実行する場合にだけ使えます。--each を付けるか、{{items}}、{{list}}、{{folder}} を使ってください",
	},
	"items.not_with_each": {
		"{word} in the command means all inputs, which does not go with one run per item: use {{item}}, or leave --each out",
		"コマンドの {word} はすべての入力を表すため、項目ごとの実行では使えません。{{item}} を使うか、--each を外してください",
	},
	"items.no_such_output": {
		"{word} in the command: an item has {outputs} {outputs|output|outputs}; add --out, or correct the placeholder",
		"コマンドの {word} について: 項目の出力は {outputs} 個です。--out を加えるか、プレースホルダーを直してください",
	},
	"items.same_every_time": {
		"the command has no {{item}}, so that every run of it would be the same: put {{item}} or another placeholder in, or leave --each out",
		"コマンドに {{item}} がないため、毎回同じ実行になります。{{item}} などのプレースホルダーを入れるか、--each を外してください",
	},
	"items.command_too_long": {
		"the command has {bytes} bytes with its environment and all items in it, and the system takes {most}: use {{list}}, the path of a file of the items, or {{folder}}, a folder of links to them",
		"すべての項目を入れたコマンドは環境変数も含めて {bytes} バイトになり、システムの上限 {most} を超えます。項目を書いたファイルのパス {{list}} か、項目へのリンクのフォルダー {{folder}} を使ってください",
	},
	"items.word_too_long": {
		"the command or its environment has a word of more than {most} bytes, which the system does not take: {word}",
		"コマンドか環境変数に、システムの上限 {most} バイトを超えるものがあります: {word}",
	},
	"items.wrong.empty": {
		"{path} is empty",
		"{path} は空です",
	},
	"items.wrong.not_file": {
		"{path} is a folder, pipe, socket or device and no file",
		"{path} はフォルダー、パイプ、ソケット、デバイスのいずれかで、ファイルではありません",
	},
	"items.wrong.mismatch": {
		"{path} is not what its extension says",
		"{path} の内容が拡張子と一致しません",
	},
	"items.wrong.truncated": {
		"{path} ends too early",
		"{path} は途中で終わっています",
	},
	"items.wrong.broken": {
		"{path} cannot be decoded",
		"{path} をデコードできません",
	},
	"items.wrong.stale": {
		"{path} is older than its input",
		"{path} は入力より古いものです",
	},
	"items.wrong.early": {
		"{path} is older than the start of this run",
		"{path} は今回の実行の開始より古いものです",
	},
	"items.wrong.changing": {
		"{path} is still being written or was replaced while it was looked at",
		"{path} は書き込み中か、確認の間に置き換えられました",
	},
	"items.wrong.cut_off": {
		"{path} is of a run that was cut off, and nothing shows that it is whole",
		"{path} は中断された実行のもので、完全であることを確かめられません",
	},
	"items.wrong.failed": {
		"the command for {path} failed",
		"{path} のコマンドが失敗しました",
	},
	"items.wrong.no_input": {
		"{path} has no output, and the input is not there any more",
		"{path} の出力がなく、入力ももうありません",
	},
	"items.wrong.unreadable": {
		"{path} cannot be looked at",
		"{path} を確認できません",
	},
	"items.wrong.too_large": {
		"{path} is too large a picture to be judged",
		"{path} は画像が大きすぎて判定できません",
	},
	"items.wrong.unsupported": {
		"{path} is a picture of a kind that cannot be judged",
		"{path} は判定できない種類の画像です",
	},
}
