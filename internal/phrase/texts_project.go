package phrase

var projectTexts = map[string]text{
	"project.unreadable": {
		"{file} cannot be read",
		"{file} を読み取れません",
	},
	"project.too_long": {
		"{file} has more than {bytes} bytes; shorten it",
		"{file} が {bytes} バイトを超えています。短くしてください",
	},
	"project.syntax": {
		"{where} is not TOML that can be read: {problem}",
		"{where} は TOML として読み取れません: {problem}",
	},
	"project.unknown_key": {
		"{where}: there is no key {key}; the keys are: {allowed}",
		"{where}: {key} というキーはありません。使えるキー: {allowed}",
	},
	"project.bad_value": {
		"{where}: {key} cannot be \"{value}\"",
		"{where}: {key} に「{value}」は指定できません",
	},
	"project.too_many_rules": {
		"{where}: a project has at most {most} rules",
		"{where}: 規則は {most} 件までです",
	},
	"project.want_pattern": {
		"a pattern is a path below the root of the project with * ? [] {{}} and **, without \"..\"",
		"パターンはプロジェクトのルートからの相対パスです (* ? [] {{}} ** が使えます。「..」は使えません)",
	},
	"project.want_path": {
		"a path goes from the root of the project, without \"..\" and wildcards",
		"パスはプロジェクトのルートからの相対パスです (「..」とワイルドカードは使えません)",
	},
	"project.want_workspace": {
		"the folder of a ticket goes from the root of the project, with {{id}} in it, without \"..\" and wildcards",
		"チケットのフォルダはプロジェクトのルートからの相対パスで、{{id}} を含めてください (「..」とワイルドカードは使えません)",
	},
	"project.want_name": {
		"each rule has a name of its own",
		"規則にはそれぞれ別の名前が必要です",
	},
	"project.want_match": {
		"a rule needs at least one pattern in match",
		"規則の match には 1 つ以上のパターンが必要です",
	},
	"project.want_text": {
		"a text is not empty, has at most 1000 characters and no control characters",
		"文字列は空でなく、1000 文字以内で、制御文字を含まないものにしてください",
	},
	"project.want_fewer": {
		"a list has at most 500 elements",
		"リストの要素は 500 個までです",
	},
}
