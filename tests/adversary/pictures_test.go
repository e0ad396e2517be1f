package adversary

// pictures are those that are none, or say nothing.
func pictures() []move {
	// made has the extraction leave something, which step 8 or 9 must see.
	made := func(name, does, by, code, script string) move {
		return move{name: name, does: does, ends: refused, by: by, shows: []string{code}, from: "extract", aims: "quality", play: func(p *play) {
			p.picture("spare/flat.png", 200, true)
			state := p.runs("sh", "-c", script)
			p.shell("git add -A && git commit -qm pages")
			w := p.check0()
			if stateOf(w, "extract") == "passed" {
				w = p.check0()
			}
			if stateOf(w, "quality") == "passed" {
				p.t.Errorf("the job has %s, and the pictures are good", state)
			}
			if p.claim(`{"images":{"out/*.png":{"not_blank":true}},"task":{"extract":{"min_items":1,"after":"start"}}}`) == "verified" {
				p.t.Error("the claims are verified")
			}
		}}
	}
	return []move{
		made("a truncated picture", "the extraction leaves half of a PNG", "pictures are decoded to their last pixel", "local.task_state", "cp in/a.png out/a.png; head -c 60 in/b.png > out/b.png"),
		made("a text named .png", "the extraction writes texts and calls them .png", "the content is looked at", "local.task_state", "echo picture > out/a.png; echo picture > out/b.png"),
		made("an empty picture", "`touch out/a.png out/b.png`", "an empty file is no picture", "local.task_state", "touch out/a.png out/b.png"),
		made("a blank picture", "the extraction makes pictures of one colour", "no page may have one colour only", "local.blank", "cp spare/flat.png out/a.png; cp in/b.png out/b.png"),
		made("one picture, copied", "one good picture, copied to the name of each output", "different inputs have the same output", "local.task_copies", "cp in/a.png out/a.png; cp in/a.png out/b.png"),
		made("too few pictures", "one output of two, and exit status 0", "each item has its output", "local.task_state", "cp in/a.png out/a.png"),
		made("a link for a picture", "outputs that are links to one picture elsewhere", "outputs are regular files of their own", "local.task_", "ln -s ../in/a.png out/a.png; ln -s ../in/a.png out/b.png"),
		{
			name: "a picture spoilt later", does: "truncates an output after step 9 has passed",
			ends: detected, by: "the step is stale, and the fact check refuted", shows: []string{"workflow.stale_basis"}, from: "rules", play: func(p *play) {
				p.shell("truncate -s 100 out/b.png")
				if w := p.show(); stateOf(w, "quality") != "stale" {
					p.t.Error(stateOf(w, "quality"))
				}
				p.ends(1, "factcheck", p.ticket)
			},
		},
		{
			name: "a picture in the root", does: "leaves a page in the root of the project, as `.PNG`, as a hidden file, with an old mtime",
			ends: refused, by: "names are compared whatever their case, change times and the snapshot tell what is new", shows: []string{"local.appeared"}, from: "rules", play: func(p *play) {
				p.shell("cp in/a.png page.PNG && touch -d 2001-01-01 page.PNG")
				p.check(1)
				p.shell("mv page.PNG .hidden.png")
				p.check(1)
				p.shell("rm .hidden.png && ln -s in/a.png page.png")
				p.check(1)
			},
		},
	}
}
