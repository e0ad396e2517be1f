package phrase

var initTexts = map[string]text{
	"config.edit_overridden": {
		"{key} cannot be set in config.toml while the environment variable {variable} sets it to something else: unset the variable and repeat; nothing was written",
		"環境変数 {variable} で別の値が指定されているため、config.toml に {key} を設定しても効きません。変数を消してからやり直してください。何も書き込んでいません",
	},
	"config.edit_by_hand": {
		"{file} holds these settings in a form that is changed by hand only, and nothing was written; what it must say is:\n{lines}",
		"{file} の書き方が自動では変更できない形のため、何も書き込んでいません。次の内容になるよう手で編集してください:\n{lines}",
	},
	"config.edit_raced": {
		"{file} is being changed by somebody else at this moment; nothing was written: repeat",
		"{file} がちょうど今、他から変更されています。何も書き込んでいません。やり直してください",
	},
	"config.edit_failed": {
		"{file} could not be written and is as it was",
		"{file} を書き込めませんでした。元のままです",
	},

	"cli.init.short": {"Write config.toml, sign in with Google, connect a spreadsheet", "config.toml を作成する、Google にサインインする、スプレッドシートに接続する"},
	"cli.init.long": {
		`Alone it creates the home folder and a config.toml in it with every setting, its
explanation and its default. One that is there is left as it is.

With --google you sign in with your own Google account, in a browser on this
machine; --credentials names the file of an OAuth client of type "Desktop app".
A service account needs no sign-in.

With --spreadsheet the spreadsheet is looked at: the tab, which column means what
and how many rows there are. Only what you agree to is written to config.toml,
where everything else stays as it is, and then read back.`,
		`引数なしでは、ホームフォルダーと、すべての設定・説明・既定値を書いた config.toml を
作成します。すでにある場合はそのまま残します。

--google では、このマシンのブラウザーで自分の Google アカウントにサインインします。
種類「デスクトップ アプリ」の OAuth クライアントのファイルを --credentials で指定します。
サービスアカウントにはサインインは不要です。

--spreadsheet では、スプレッドシートのタブ、列の割り当て、行数を確認して表示します。
同意した内容だけを config.toml に書き込み(他の部分は変えません)、読み戻して確かめます。`,
	},
	"cli.init.example": {
		"  uratori init\n  uratori init --google --credentials client.json\n  uratori init --spreadsheet https://docs.google.com/spreadsheets/d/1AbC…/edit#gid=0\n  uratori init --spreadsheet local --sheet Tracker --column detail=内容 --yes",
		"  uratori init\n  uratori init --google --credentials client.json\n  uratori init --spreadsheet https://docs.google.com/spreadsheets/d/1AbC…/edit#gid=0\n  uratori init --spreadsheet local --sheet Tracker --column detail=内容 --yes",
	},
	"cli.init.flag.google":      {"sign in with Google in a browser on this machine", "このマシンのブラウザーで Google にサインインする"},
	"cli.init.flag.timeout":     {"how long the sign-in is waited for", "サインインを待つ時間"},
	"cli.init.flag.credentials": {"file of an OAuth client or a service account; noted in config.toml", "OAuth クライアントまたはサービスアカウントのファイル。config.toml に記録する"},
	"cli.init.flag.spreadsheet": {"URL or ID of a Google spreadsheet, or local for the embedded sheet", "Google スプレッドシートの URL か ID。内蔵シートなら local"},
	"cli.init.flag.sheet":       {"tab (default: the one of the URL, else that of the settings, else the only one)", "タブ (省略時は URL のタブ、設定のタブ、唯一のタブの順)"},
	"cli.init.flag.column":      {"header of a column, as in detail=内容; can be repeated", "列の見出し。detail=内容 のように指定する。複数回指定できる"},
	"cli.init.flag.yes":         {"write without asking", "確認せずに書き込む"},

	"cli.init.done":   {"{file} is written; change it as you like, `uratori config show` tells what holds", "{file} を作成しました。必要に応じて変更してください。有効な値は `uratori config show` で確認できます"},
	"cli.init.failed": {"{file} could not be written", "{file} を書き込めませんでした"},

	"cli.init.either":       {"--google and --spreadsheet are two steps: sign in first, then connect the spreadsheet", "--google と --spreadsheet は別々に実行してください。先にサインインし、次にスプレッドシートに接続します"},
	"cli.init.flag_belongs": {"--{flag} has no meaning without {to}", "--{flag} は {to} と一緒に指定してください"},
	"cli.init.bad_timeout":  {"--timeout {timeout}: give a time longer than nothing, such as 10m", "--timeout {timeout}: 10m のような 0 より長い時間を指定してください"},
	"cli.init.bad_column":   {"--column {column}: give NAME=HEADER; the names are {names}", "--column {column}: NAME=見出し の形で指定してください。NAME は {names} のいずれかです"},
	"cli.init.json_wants_yes": {
		"--json asks nothing: say --yes as well; nothing was written",
		"--json では確認の質問をしません。--yes も指定してください。何も書き込んでいません",
	},
	"cli.init.no_terminal": {
		"there is no terminal to ask on: say --yes to write without being asked; nothing was written",
		"確認の質問を表示できる端末がありません。確認せずに書き込むには --yes を指定してください。何も書き込んでいません",
	},

	"cli.init.open": {
		"Open this address in a browser on this machine and give the permission:\n\n{address}\n\nWaiting for at most {timeout}; Ctrl-C ends it, and nothing is changed.",
		"このマシンのブラウザーで次のアドレスを開き、許可してください:\n\n{address}\n\n最長 {timeout} 待ちます。Ctrl-C で中止でき、何も変更しません。",
	},
	"cli.init.signed_in": {
		"{mark} verified: you are signed in; {file} keeps it, for you alone\nNext: uratori init --spreadsheet URL",
		"{mark} 検証済み: サインインしました。{file} に本人だけが読める形で保存しています\n次は: uratori init --spreadsheet URL",
	},
	"cli.init.not_signed_in": {
		"{mark} refuted: you signed in, but the settings use other credentials; {file} keeps the sign-in",
		"{mark} 不一致: サインインしましたが、設定では別の認証情報が使われています。サインインは {file} に保存しています",
	},

	"cli.init.bad_gid": {
		"the URL names the tab gid={gid}, which is no number: copy the URL again, or name the tab with --sheet",
		"URL のタブ番号 gid={gid} が数字ではありません。URL をもう一度コピーするか、--sheet でタブを指定してください",
	},
	"cli.init.no_gid": {
		"the spreadsheet has no tab gid={gid}; it has: {have}. Name one with --sheet",
		"スプレッドシートに gid={gid} のタブがありません。あるのは: {have}。--sheet で指定してください",
	},
	"cli.init.which_tab": {
		"which tab is meant? Name one with --sheet; there are: {have}",
		"タブを --sheet で指定してください。あるのは: {have}",
	},
	"cli.init.columns": {
		"the columns do not fit; if one has another name, say so, as in --column {name}={example}",
		"列が合いません。別の見出しなら --column {name}={example} のように指定してください",
	},
	"cli.init.found": {
		"Spreadsheet {spreadsheet}, tab {tab}: header in row {header}, {rows} {rows|row|rows} with an ID",
		"スプレッドシート {spreadsheet}、タブ {tab}: 見出しは {header} 行目、ID のある行は {rows} 行",
	},
	"cli.init.mapped":  {"  {name} {column} {text}", "  {name} {column} {text}"},
	"cli.init.missing": {"  {name} -   not in the header, which is allowed", "  {name} -   見出し行にありません (なくても使えます)"},
	"cli.init.unused":  {"Not used: {columns}", "使わない列: {columns}"},
	"cli.init.more":    {"and {count} more", "他 {count} 列"},
	"cli.init.share": {
		"It must be shared with {address} as an editor.",
		"{address} に編集者として共有されている必要があります。",
	},
	"cli.init.ask":      {"Write this to {file}? [y/N]", "この内容を {file} に書き込みますか? [y/N]"},
	"cli.init.declined": {"nothing was written", "何も書き込んでいません"},
	"cli.init.good":     {"{mark} verified: {file} names tab {tab} of {spreadsheet}", "{mark} 検証済み: {file} に {spreadsheet} のタブ {tab} を設定しました"},
	"cli.init.bad":      {"{mark} refuted: {file} does not say what was written to it; somebody may have changed it meanwhile", "{mark} 不一致: {file} の内容が書き込んだものと異なります。同時に変更された可能性があります"},
	"cli.init.stale":    {"The running daemon has other settings; it takes these up after `uratori down` (jobs go on).", "動いているデーモンの設定とは異なります。`uratori down` の後で反映されます (ジョブは動き続けます)。"},
}
