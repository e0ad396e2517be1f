package phrase

var lineTexts = map[string]text{
	"line.no_program": {
		"the program cannot be unpacked and started, neither in the cache nor in memory",
		"プログラムを展開して起動できません（キャッシュでもメモリでも不可）",
	},
	"line.not_listed": {
		"the daemon carries this command out for nobody",
		"デーモンはこのコマンドを代わりに実行しません",
	},
	"line.bad": {
		"this is no line of the program at the door",
		"入口のプログラムからの要求として正しくありません",
	},
	"line.elsewhere": {
		"the daemon does not understand the line as whoever gave it: another {what}",
		"デーモンではこのコマンドを同じ意味に解釈できません（{what} が異なります）",
	},
	"line.open": {
		"what became of the line is not known",
		"コマンドの結果が分かりません",
	},
}
