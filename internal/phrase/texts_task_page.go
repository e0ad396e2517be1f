package phrase

// taskPageTexts are of the page of a task, and of what the runner says of what
// is shown there.
var taskPageTexts = map[string]text{
	"task.bad_search": {
		"what is looked for is a text of 1 to {most} bytes",
		"検索できるのは 1〜{most} バイトの文字列です",
	},
	"task.no_output": {
		"task {task} has no such output of item {item}",
		"タスク {task} の項目 {item} にその出力はありません",
	},
	"task.not_shown": {
		"{path} is not shown: it is gone, or the way to it is a link out of the folder in which the task works",
		"{path} は表示できません。存在しないか、タスクの作業フォルダーの外へのリンクです",
	},
	"task.too_large_to_show": {
		"a file of more than {most} MiB is not shown here",
		"{most} MiB を超えるファイルはここでは表示できません",
	},
	"task.output_gone": {
		"{path} was there just now and is gone",
		"{path} は先ほどまでありましたが、なくなりました",
	},
}
