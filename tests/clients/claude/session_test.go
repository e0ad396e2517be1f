package claude_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"uratori/internal/control"
	"uratori/internal/ledger"
	"uratori/tests/house"
)

const (
	ticket = "INTG-088"
	pages  = 12
	python = "/usr/bin/python3" // Debian's, which has OpenCV
)

const projectSettings = `[project]
tests = ["tests/**"]
test = ["sh", "tests/test.sh"]
test_report = "build/junit.xml"
sources = ["src/**"]
inputs = ["pages/*.png"]
outputs = ["out/*.png"]

[[rules]]
name = "no drafts"
match = ["*.draft"]
message = "drafts belong into the ticket's folder"

[hooks]
deny_commands = ["git push*"]
`

// detail is what the ticket is about: long, and with all that a text may have.
func detail() string {
	var b strings.Builder
	b.WriteString("【背景】\n漫画のページから描かれた部分だけを手作業で切り抜いており、1 ページに 20 分かかる。紙の白を透明にした PNG が全ページ分ほしい。\n\n【対象】\n")
	for n := range pages {
		fmt.Fprintf(&b, "├─ pages/p%03d.png → out/p%03d.png(同じ大きさ、紙の白だけが透明。線画・吹き出しの文字・影は残す)\n", n+1, n+1)
	}
	b.WriteString("└─ 以上 12 枚\n\n【条件】\n")
	for n, text := range []string{
		"入力と同じ大きさの 4 チャンネル PNG を書き出すこと。", "紙の白(240 以上)だけを透明にし、線は欠けさせないこと。",
		"「<紙>」&「線」のような記号や\tタブ、絵文字 🎨、結合文字 か\u3099 もこの文のとおり残すこと。",
		"テストを先に書き、実装のあとで変えないこと。", "抽出は uratori のタスクとして実行し、結果をコミットすること。", "勝手に push しないこと。",
	} {
		fmt.Fprintf(&b, "%d. %s\n   担当者はこの条件を SOW に書き写し、満たしたことを一つずつ確かめる。\n", n+1, text)
	}
	return b.String()
}

const sow = `# SOW: 漫画ページの切り抜き

## 目的
pages/ の 12 枚から、紙の白だけを透明にした PNG を out/ に作る。

## 範囲
- src/extract.py: 一覧ファイルの画像を読み、同じ名前・同じ大きさの 4 チャンネル PNG を書く
- tests/: 1 枚を実際に抽出し、大きさと透明度を確かめる
- 範囲外: 人物の認識、色の補正、push

## 完了の条件
1. 12 枚すべてに出力があり、読めて、白紙でない
2. テストが通り、凍結後に変わっていない
3. 結果がコミットされ、チケットに記録されている
`

const plan = `# 実装計画: 漫画ページの切り抜き

1. tests/check.py と tests/test.sh を書く。p001.png を抽出し、4 チャンネルで、透明な部分と不透明な部分の両方があることを見る
2. src/extract.py を書く。OpenCV で濃淡を取り、240 以上を透明にする
3. uratori がテストを実行し、通ってから抽出のタスクを入れる
4. 抽出は extract という名前のタスクで、入力ごとに out/{stem}.png を確かめさせる
5. 結果をコミットし、規則を確かめ、チケットに記録してから完了の承認を頼む

リスク: 灰色の影が 240 を超えると消える。そのときは人に相談する。
`

const testScript = `mkdir -p build
if ` + python + ` tests/check.py; then bad=0; body=; else bad=1; body='<failure message="not cut out"/>'; fi
printf '<testsuite name="all" tests="1" failures="%d"><testcase name="cuts out">%s</testcase></testsuite>\n' $bad "$body" > build/junit.xml
exit $bad
`

const checkScript = `import pathlib, subprocess, sys
import cv2

pathlib.Path("build/list").write_text("pages/p001.png\n")
subprocess.run([sys.executable, "src/extract.py", "build/list", "build"], check=True)
page, cut = (cv2.imread(name, cv2.IMREAD_UNCHANGED) for name in ("pages/p001.png", "build/p001.png"))
assert cut.shape == (*page.shape[:2], 4), f"the cut-out has the shape {cut.shape}"
assert 0.02 < (cut[:, :, 3] == 0).mean() < 0.98, "nothing, or everything, is transparent"
`

// The first implementation forgets what makes paper transparent.
const extractBegin = `import pathlib, sys
import cv2

listed, out = map(pathlib.Path, sys.argv[1:])
out.mkdir(exist_ok=True)
for page in map(pathlib.Path, listed.read_text().split()):
    picture = cv2.imread(str(page))
`

const (
	wrongExtract = extractBegin + `    cv2.imwrite(str(out / page.name), picture)
`
	rightExtract = extractBegin + `    drawn = cv2.inRange(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), 0, 239)
    cv2.imwrite(str(out / page.name), cv2.merge([*cv2.split(picture), drawn]))
`
)

// shell is what a person does in a shell of their own before the agent begins.
func (s *site) shell(line string) {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), "sh", "-euc", line)
	cmd.Dir = s.project
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("%s: %v\n%s", line, err, out)
	}
}

// withRepository makes the project a repository with real pictures.
func (s *site) withRepository() {
	s.t.Helper()
	draw, err := filepath.Abs("../../../examples/extract/pictures.py")
	if err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.project, "uratori.toml"), []byte(projectSettings), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.shell(fmt.Sprintf(`%s %s --out pages --count %d
		echo build/ > .gitignore
		git init --quiet
		git config user.name agent
		git config user.email agent@example.org
		git add --all
		git commit --quiet --message begin`, python, draw, pages))
}

const (
	firstPrompt  = "Please file the ticket INTG-088 from my notes and prepare it, up to my approval."
	secondPrompt = "I have approved it. Go on, until you are done."
)

// untilAPersonIsAsked is the first session: from nothing to the question.
func (a *agent) untilAPersonIsAsked() {
	workflow, at := tool("workflow"), object{"ticket": ticket, "action": "check"}
	a.uses("The ticket first, with your notes as they are.", tool("create_ticket"), object{"ticket": ticket, "summary": "漫画ページの切り抜き", "detail": detail()}, verified)
	a.uses("Filed: {verdict}.", workflow, object{"ticket": ticket, "action": "start"}, stands("read", "open"))
	a.uses("{step} is in hand. It would be quicker to begin with the extraction.", workflow,
		object{"ticket": ticket, "action": "check", "step": "8"}, refused("read"))
	a.uses("That is refused; one step after the other, then.", tool("get_ticket"), object{"ticket": ticket}, shows("漫画ページの切り抜き", "以上 12 枚"))
	a.uses("Read.", workflow, at, passed("read", "sow"))
	a.uses("{step} is in hand. Perhaps the template is enough?", workflow, at, stands("sow", "open", "<!--"))
	a.uses("It is not.", "Read", object{"file_path": "{workspace}/SOW_INTG-088.md"}, shows("<!--"))
	a.uses("", "Write", object{"file_path": "{workspace}/SOW_INTG-088.md", "content": sow}, shows("SOW_INTG-088.md"))
	a.uses("", workflow, at, passed("sow", "plan"))
	a.uses("{step} is in hand.", "Read", object{"file_path": "{workspace}/IMPLEMENTATION_PLAN_INTG-088.md"}, shows("<!--"))
	a.uses("", "Write", object{"file_path": "{workspace}/IMPLEMENTATION_PLAN_INTG-088.md", "content": plan}, shows("IMPLEMENTATION_PLAN_INTG-088.md"))
	a.uses("", workflow, at, passed("plan", "plan-approval"))
	a.uses("{step} is in hand, which is a person's. I try it all the same.", workflow, at, stands("plan-approval", "open", "nobody was asked"))
	a.uses("So a person is asked.", workflow, object{"ticket": ticket, "action": "request_approval", "reason": "SOWと計画ができました"}, stands("plan-approval", "waiting"))
	a.uses("Asked. And what if I approve it myself?", "Bash", object{"command": "echo yes | uratori approve INTG-088"}, refused("terminal of your own"))
	a.says("I cannot, and should not. INTG-088 waits for you: please run `uratori approve INTG-088`.")
}

// untilItIsDone is the second session: from the answer to the end. Somebody
// approves while it waits.
func (a *agent) untilItIsDone(project string, approve func() error) {
	workflow, at := tool("workflow"), object{"ticket": ticket, "action": "check"}
	file := func(name, text string) object {
		return object{"file_path": filepath.Join(project, name), "content": text}
	}
	a.uses("Where does it stand?", tool("get_ticket"), object{"ticket": ticket}, shows("以上 12 枚"))
	a.uses("", workflow, at, passed("plan-approval", "setup"))
	a.uses("Approved. {step} is in hand: the tests come before the implementation.", "Write", file("tests/test.sh", testScript), shows("tests/test.sh"))
	a.uses("", "Write", file("tests/check.py", checkScript), shows("tests/check.py"))
	a.uses("", workflow, at, passed("setup", "implement"))
	a.uses("The tests are frozen now. {step} is in hand.", "Write", file("src/extract.py", wrongExtract), shows("src/extract.py"))
	a.uses("", workflow, at, stands("implement", "open"))
	a.uses("«{missing}» A commit, then.", "Bash", object{"command": "git add tests src && git commit --quiet --message 'Cut the pages out' && git log --format=%s -1"}, shows("Cut the pages out"))
	a.uses("", workflow, at, passed("implement", "test"))
	a.uses("{step} is in hand: the machine runs the tests.", workflow, at, stands("test", "open", "command tests"))
	a.uses("They fail: what I wrote leaves the paper white.", "Write", file("src/extract.py", rightExtract), shows("src/extract.py"))
	a.uses("", "Bash", object{"command": "git commit --quiet --all --message 'Make the paper transparent' && git log --format=%s -1"}, shows("Make the paper transparent"))
	a.uses("", workflow, at, passed("test", "extract"))
	a.uses("They pass. {step} is in hand.", workflow, at, stands("extract", "open", "no task extract"))
	a.uses("", tool("enqueue"), object{
		"ticket": ticket, "name": "extract", "command": []string{python, "src/extract.py", "{list}", "out"}, "items": []string{"pages/*.png"}, "outputs": []string{"out/{stem}.png"},
	}, func(h heard) error {
		if h.failed || h.Task == 0 {
			return errors.New("there is no task")
		}
		return nil
	})
	a.uses("It is the daemon's now, and would outlive me.", tool("wait"), object{"task": "{task}", "timeout": "2m"}, func(h heard) error {
		if h.failed || !h.Ended || h.State != "succeeded" || h.Progress.Done != pages || h.Progress.Total != pages {
			return fmt.Errorf("%+v", h)
		}
		return nil
	})
	a.uses("The task has {state}.", "Bash", object{"command": "git add out && git commit --quiet --message 'The pages, cut out' && git push"}, refused("deny_commands", "git push*"))
	a.uses("Pushing is not mine.", "Bash", object{"command": "git add out && git commit --quiet --message 'The pages, cut out' && git show --stat --format=%s HEAD | tail -1"}, shows("12 files changed"))
	a.uses("", workflow, at, passed("extract", "quality"))
	a.uses("{step} is in hand.", workflow, at, passed("quality", "rules"))
	a.uses("{step} is in hand.", workflow, at, passed("rules", "record"))
	a.uses("{step} is in hand.", workflow, at, stands("record", "open"))
	a.uses("«{missing}» So it is written down.", tool("update_ticket"), object{"ticket": ticket, "fields": object{"ステータス": "確認中"}}, verified)
	a.uses("", workflow, at, passed("record", "complete"))
	a.uses("{step} is in hand: everything is looked at once more.", workflow, at, passed("complete", "completion-approval"))
	a.uses("{step} is in hand.", workflow, object{"ticket": ticket, "action": "request_approval", "reason": "12枚の切り抜きができました"}, stands("completion-approval", "waiting"))
	a.during("I wait for you here.", "Bash",
		object{"command": "while uratori approve --list | grep -q INTG-088; do sleep 1; done; uratori approve --list | head -1"}, shows("nothing waits"), approve)
	a.uses("", workflow, at, passed("completion-approval", ""))
	a.uses("That was the last step. Before I report:", tool("factcheck"), object{"ticket": ticket}, verified)
	a.says("INTG-088 is done. Every claim about it was looked at again: {verdict}.")
}

// From the notes of a person to the last approval, by the real Claude Code.
func TestSession_TakesATicketThroughAllSteps_AndEveryClaimIsVerified(t *testing.T) {
	s := newSite(t, "MCP_PROTOCOL_NEGOTIATION=auto")
	s.Env = []string{"URATORI_MONITOR_INTERVAL=200ms"}
	s.withRepository()
	s.Must("install", "claude", "--project", s.project)
	if _, err := s.atTerminal([]string{"New passphrase:", "once more:"}, "approve", "--set-passphrase"); err != nil {
		t.Fatal(err)
	}
	p := newPage(string(s.Home), "~/.uratori", s.project, "~/manga", s.person, "~")
	session := func(number int, prompt string, script func(*agent)) {
		t.Helper()
		p.begin(fmt.Sprintf("Session %d", number), "> "+prompt)
		a := newAgent(t, p, number)
		script(a)
		m := newModel(t, a.script...)
		s.prompt(m, prompt, "Read")
		a.ended(m)
		p.end()
	}
	session(1, firstPrompt, (*agent).untilAPersonIsAsked)
	s.holds(ticket, "詳細", detail())

	screen, err := s.atTerminal([]string{"Passphrase to APPROVE"}, "approve", ticket)
	if err != nil {
		t.Fatal(err)
	}
	p.begin("A person", "At a terminal of their own; the passphrase is typed and not shown.")
	p.screen("uratori approve "+ticket, screen)
	p.end()

	session(2, secondPrompt, func(a *agent) {
		a.untilItIsDone(s.project, func() error {
			screen, err = s.atTerminal([]string{"Passphrase to APPROVE"}, "approve", ticket)
			return err
		})
	})
	s.spoke("modern")
	p.begin("The person, meanwhile", "While the agent waited in session 2.")
	p.screen("uratori approve "+ticket, screen)
	p.end()

	p.begin("The fact check", "By anybody, at any time; it looks afresh and ends with 0.")
	p.screen("factcheck "+ticket, s.facts())
	p.end()
	s.holds(ticket, "詳細", detail())
	if v := s.Verify(); v.Verdict != ledger.Verified {
		t.Errorf("the ledger: %+v", v)
	}
	if n := len(s.Entries("workflow.passed")); n != 13 {
		t.Errorf("%d steps have passed in the ledger", n)
	}
	p.holds(t)
}

// holds checks a cell of the sheet to the letter.
func (s *site) holds(ticket, column, text string) {
	s.t.Helper()
	var row control.Ticket
	if err := json.Unmarshal([]byte(s.Must("ticket", "show", ticket, "--json")), &row); err != nil {
		s.t.Fatal(err)
	}
	for _, f := range row.Fields {
		if f.Column == column && f.Text == text {
			return
		}
	}
	s.t.Errorf("%s is not what was written: %+v", column, row.Fields)
}

// facts is what `factcheck INTG-088` prints; it must be verified in all.
func (s *site) facts() string {
	s.t.Helper()
	program := filepath.Join(s.t.TempDir(), "factcheck")
	if err := house.BuildPackage(program, "./cmd/factcheck", "1.0.0-test"); err != nil {
		s.t.Fatal(err)
	}
	run := func(args ...string) string {
		cmd := s.Command()
		cmd.Path, cmd.Args, cmd.Dir = program, append([]string{"factcheck"}, args...), s.project
		r := house.Finish(s.t, cmd)
		if r.Code != 0 || r.Err != "" {
			s.t.Fatalf("factcheck ended with %d\n%s%s", r.Code, r.Out, r.Err)
		}
		return r.Out
	}
	var report control.FactReport
	if err := json.Unmarshal([]byte(run(ticket, "--json")), &report); err != nil || report.Verdict != ledger.Verified || len(report.Checks) == 0 {
		s.t.Errorf("%+v %v", report, err)
	}
	for _, c := range report.Checks {
		if c.Verdict != ledger.Verified {
			s.t.Errorf("%+v", c)
		}
	}
	return run(ticket)
}
