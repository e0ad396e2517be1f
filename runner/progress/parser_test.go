package progress

import (
	"strings"
	"testing"
)

func TestParser_CountOfTheKnownItems_IsBelievedAtOnce(t *testing.T) {
	want := []Sighting{counted(Count, 12, 300)}
	for _, line := range []string{
		"[12/300]", "12/300", "12 / 300", "12 of 300", "12 out of 300", "12 OF 300", "image 12/300", "image: 12/300", "image:12/300", "n=12/300", "(12/300)",
		"batch 12 out of 300:", "12/300 done", "12/300, next", "12/300.", "12/300!", "12/300 0:00:01", "INFO:root:12/300", "|####    | 12/300 |", "12/300. next", "#12/300",
		"12/300枚", "12枚目 / 300枚", "12枚目/300枚", "12枚/300枚", "12 / 300 枚", "300枚中12枚", "300枚中12枚目", "全300枚中12枚", "全300件中 第12", "300件中、12件", "300枚中の12枚目",
		"12/300枚を処理しました", "画像12/300", "画像 12 / 300 を処理中", "処理中：12/300", "１２／３００", "１２／３００枚", "　12/300　", "12/全300枚", "12 / 300 ファイル", "12ページ目/300ページ", "【12/300】",
		"2026-11-21 10:00:00 INFO [12/300] 3/4 done", "2026/11/21 10:00 12/300", "Epoch 3/10 step 12/300", "Epoch 12/300 step 7/900",
		"\x1b[32m[12/300]\x1b[0m", "\x1b[1m12\x1b[0m/300", "GPU 3/24 GB 12/300", "\t12/300",
		"\x8f\x88\x97\x9d 12/300\x96\x87", // Shift_JIS
		"12/300 [=>.....] - ETA: 5s", "retry of item 12/300", "entry 12/300",
	} {
		same(t, line, parse(Work{Total: 300}, line+"\n"), want)
		same(t, line+" (not ended)", parse(Work{Total: 300}, line), want)
	}
	same(t, "commas", parse(Work{Total: 12_000}, "1,200 / 12,000\n"), []Sighting{counted(Count, 1200, 12_000)})
	same(t, "what was left", parse(Work{Total: 300, Base: 100}, "12/200\n"), []Sighting{counted(Count, 12, 200)})
}

func TestParser_WhatIsNoCount_IsNotTakenForOne(t *testing.T) {
	for _, line := range []string{
		"2026/12/300", "12/300/2026", "/12/300", "out/12/300", "out/12/300.png", "12/300.png", "./12/300", "http://host/12/300", "https://example.com/a?b=12/300x",
		"10.0.12/300", "192.168.0.12/300", "v12/300", "1.12/300", "12/300.5", "12/300-beta", "12/300_a", "a12/300", "12/300a", "-12/300", "12/300/", "300/12", "12/300%", "12/300 MB", "12/300MB", "12/300 KiB/s", "12/300 bytes",
		"10:12/300", "12 of 300MB", "12of300", "12/ 300/4", "12//300", "12/300=0.04", "\"12/300\"", "12.5/300", "12,5/300", "0012/30000000000000000000", "300年中12", "300中12", "300枚中12%", "300枚中1.12", "2,300枚中12.5",
		"Retry 12/300", "attempt: 12/300", "(try 12/300)", "rank=12/300", "試行 12/300", "リトライ：12/300", "½12/300", "٣12/300", "host:12/300/4",
	} {
		for _, s := range parse(Work{Total: 300}, line+"\n") {
			t.Errorf("%q: %+v", line, s)
		}
	}
	for _, line := range []string{"11/21 10:03:22 INFO start", "[11/21 10:03] start", "11/21/2026"} {
		for _, s := range parse(Work{Total: 21}, line+"\n") {
			t.Errorf("%q: %+v", line, s)
		}
	}
}

func TestParser_CountOfUnknownTotal_IsBelievedWhenItRises(t *testing.T) {
	for log, want := range map[string][]Sighting{
		"1/300\n2/300\n3/300\n":                          {counted(Count, 2, 300), counted(Count, 3, 300)},
		"ratio 1/2\nratio 1/2\nratio 1/2\n":              nil,
		"part 2/2\npart 1/2\n":                           nil,
		"Epoch 3/10 step 7/900\nEpoch 3/10 step 8/900\n": {counted(Count, 8, 900)},
		"Epoch 3/10\nstep 7/900\nstep 8/900\nEpoch 4/10\nstep 9/900\nEpoch 5/10\nstep 10/900\n": {
			counted(Count, 8, 900), counted(Count, 9, 900), counted(Count, 10, 900),
		},
		"load 1/3\nload 2/3\nload 3/3\n1/300\n2/300\n": {counted(Count, 2, 3), counted(Count, 3, 3), counted(Count, 2, 300)},
		"1/300\n2/300\n1/300\n":                        {counted(Count, 2, 300), counted(Count, 1, 300)},
	} {
		same(t, log, parse(Work{}, log), want)
	}
}

func TestParser_OnceTheItemsWereCounted_NothingElseIs(t *testing.T) {
	log := "load 1/3\nload 2/3\n[1/300]\ntile 1/16\ntile 2/16\n[2/300]\nsave 1/5\nsave 2/5\n"
	same(t, log, parse(Work{Total: 300}, log), []Sighting{counted(Count, 2, 3), counted(Count, 1, 300), counted(Count, 2, 300)})
}

func TestParser_FileThatTheLineNames_IsTheItem(t *testing.T) {
	for line, want := range map[string]string{
		"[12/300] p012.png":                             "p012.png",
		"[12/300] out/深い/p012.png saved":                "p012.png",
		"[12/300] 'a.jpg' -> \"b.webp\"":                "b.webp",
		"[12/300] 写真.jpeg、完了":                           "写真.jpeg",
		"image 12/300 /data/p012.png: 640x480":          "p012.png",
		`12/300 C:\\photos\\p012.PNG.`:                  "p012.PNG",
		"[12/300] file=p012.png":                        "p012.png",
		"[12/300] took 3.5s":                            "",
		"[12/300] v1.2.3":                               "",
		"[12/300] see https://a.com/x.html":             "",
		"[12/300] " + strings.Repeat("x", 400) + ".png": strings.Repeat("x", longestName),
	} {
		all := parse(Work{Total: 300}, line+"\n")
		if len(all) != 1 || all[0].Item != want {
			t.Errorf("%q: %+v", line, all)
		}
	}
}

func TestParser_Percentages(t *testing.T) {
	for line, want := range map[string][]Sighting{
		"Progress: 40%":               {share(40, "")},
		"progress 40.5 %":             {share(40.5, "")},
		"40% complete":                {share(40, "")},
		"処理済み 40%":                    {share(40, "")},
		"進捗：４０％":                      {share(40, "")},
		"40%":                         {share(40, "")},
		" ( 40% ) ":                   {share(40, "")},
		"[ 40%] Building CXX object":  {share(40, "")},
		"[=====>     ] 40%":           {share(40, "")},
		"Extracting [###       ] 40%": {share(40, "Extracting")},
		"抽出 ━━━━━╸━━━━ 40% 0:00:01":       {share(40, "抽出")},
		"file.bin 40%[=====>      ] 1.2M": {share(40, "file.bin")},
		"GPU util 40%":                    nil,
		"progress: GPU at 98%":            nil,
		"accuracy: 93.5%":                 nil,
		"done, loss fell by 3%":           nil,
		"使用率 40% 完了":                      nil,
		"about 40% of people":             nil,
		"progress 140%":                   nil,
		"progress -4%":                    nil,
		"progress 1.2.40%":                nil,
		"progress 40%off":                 nil,
		"100%|ninety":                     nil,
	} {
		same(t, line, parse(Work{}, line+"\n"), want)
	}
}

func TestParser_MagicLine(t *testing.T) {
	yes := func(s Sighting) []Sighting { s.Source = Line; return []Sighting{s} }
	for line, want := range map[string][]Sighting{
		"::progress n=12 total=300 item=a.png":                yes(Sighting{Counted: true, Done: 12, Total: 300, Item: "a.png"}),
		"  ::progress done=12 phase=extract":                  yes(Sighting{Counted: true, Done: 12, Phase: "extract"}),
		`::progress n=12 item="a b=c.png" phase=抽出`:           yes(Sighting{Counted: true, Done: 12, Item: "a b=c.png", Phase: "抽出"}),
		"::progress percent=40.5%":                            yes(Sighting{Partial: true, Percent: 40.5}),
		"::progress":                                          yes(Sighting{}),
		"::progress phase=load":                               yes(Sighting{Phase: "load"}),
		"::progress total=300":                                yes(Sighting{Total: 300}),
		"::progress n=12 total=300 colour=red":                yes(Sighting{Counted: true, Done: 12, Total: 300}),
		"::progress n=12 item=":                               yes(Sighting{Counted: true, Done: 12}),
		"::progress n=-1":                                     nil,
		"::progress n=x":                                      nil,
		"::progress n=":                                       nil,
		"::progress n=12.5":                                   nil,
		"::progress n=301 total=300":                          nil,
		"::progress n=99999999999999999999":                   nil,
		"::progress percent=NaN":                              nil,
		"::progress percent=101":                              nil,
		"::progress percent=-Inf":                             nil,
		"::progress 12/300":                                   nil,
		"::progressive n=12":                                  nil,
		"INFO ::progress n=12 total=300":                      nil,
		"::progress n=12 \x00total=300":                       nil,
		"::progress n=1 " + strings.Repeat("x", longestFrame): nil,
	} {
		p := NewParser(Work{}, nil)
		got := sightings(p, []byte(line+"\n"))
		same(t, line, got, want)
		ignored := strings.HasPrefix(line, mark+" ") && want == nil && len(line) < 100 && !strings.Contains(line, "\x00")
		if (p.Ignored() == 1) != ignored {
			t.Errorf("%q: %d ignored", line, p.Ignored())
		}
	}
}

// A frame that is still being written may mean something else when it is whole.
func TestPeek_OpenFrame_IsBelievedOnlyWhenItIsWhole(t *testing.T) {
	for text, want := range map[string][2]int{ // sightings at once, and once it is settled
		"\rimages:  17%|█▋        | 5/30 [00:00<00:00, 49.06img/s]": {1, 1},
		"\rimages:  17%|█▋        | 5/30 [00:00<00:00, 49.06im":     {0, 1},
		"\rimages:  17%|█▋        | 5/3":                            {0, 1}, // a percentage
		"[5/30":                                                     {0, 1},
		"5/30":                                                      {0, 1},
		"::progress n=5":                                            {0, 1},
		"Progress: 4%":                                              {0, 1},
		"5/30\n":                                                    {0, 0},
		"\x005/30":                                                  {0, 0},
	} {
		p := NewParser(Work{Total: 30}, nil)
		p.Write([]byte(text), func(Sighting) {})
		for i, settled := range []bool{false, true} {
			n := 0
			p.Peek(settled, func(Sighting) { n++ })
			if n != want[i] {
				t.Errorf("%q, settled %v: %d", text, settled, n)
			}
		}
	}
}

func TestParser_BarThatWasGivenUp_IsFollowedNoLonger(t *testing.T) {
	var log strings.Builder
	log.WriteString("\rfirst:  10%|█         | 3/30 [00:00<00:00, 9.06it/s]\r\n")
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"} {
		log.WriteString("\rsecond:  10%|█         | " + n + "/40 [00:00<00:00, 9.06it/s]")
	}
	all := parse(Work{}, log.String())
	if last := all[len(all)-1]; last.Phase != "second" || last.Done != 9 || len(all) != 3 {
		t.Errorf("%+v", all)
	}
}
