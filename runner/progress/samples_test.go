package progress

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The samples are what the libraries wrote into a file; see testdata/capture.py.
func TestSamples_WhatTqdmReallyPrints_IsRead(t *testing.T) {
	for file, want := range map[string]struct {
		work  Work
		phase string
		steps []int64 // each number seen, repetitions left out
		total int64
	}{
		"plain":       {phase: "images", steps: upTo(0, 30), total: 30},
		"postfix":     {phase: "抽出", steps: upTo(0, 30), total: 30},
		"nototal":     {phase: "nototal", steps: upTo(0, 12)},
		"bare":        {steps: upTo(0, 5), total: 5},
		"ascii":       {phase: "ascii", steps: upTo(0, 30), total: 30},
		"nobar":       {phase: "nobar", steps: upTo(0, 30), total: 30},
		"wide":        {phase: "wide", steps: upTo(0, 3), total: 3},
		"colour":      {phase: "colour", steps: upTo(0, 30), total: 30},
		"slow":        {phase: "slow", steps: upTo(0, 3), total: 3},
		"initial":     {phase: "resumed", steps: upTo(12, 30), total: 30},
		"nested":      {phase: "images", steps: upTo(0, 4), total: 4},
		"nested_left": {phase: "epochs", steps: upTo(0, 3), total: 3},
		"nested_same": {steps: upTo(0, 4), total: 4},
		"mixed":       {phase: "mixed", steps: upTo(0, 8), total: 8},
		"threads":     {phase: "threads", steps: upTo(0, 30), total: 30},
	} {
		all := sightings(NewParser(want.work, nil), sample(t, "tqdm_"+file+".log"))
		var steps []int64
		for _, s := range all {
			if s.Source != Tqdm || s.Total != want.total || s.Phase != want.phase {
				t.Errorf("%s: %+v", file, s)
			}
			steps = append(steps, s.Done)
		}
		if got := slices.Compact(steps); !slices.Equal(got, want.steps) {
			t.Errorf("%s: %v, want %v", file, got, want.steps)
		}
	}
}

func upTo(from, to int64) (all []int64) {
	for n := from; n <= to; n++ {
		all = append(all, n)
	}
	return all
}

func TestSamples_WhatTheBarNames_IsTheItem(t *testing.T) {
	all := sightings(NewParser(Work{}, nil), sample(t, "tqdm_postfix.log"))
	if last := all[len(all)-1]; last.Item != "p030.png" || last.Done != 30 {
		t.Errorf("%+v", last)
	}
}

func TestSamples_ScaledFigures_AreTakenForWhatTheySay(t *testing.T) {
	for file, want := range map[string][2]int64{"scale": {4000, 4000}, "bytes": {3_000_000_000, 3_000_000_000}} {
		all := sightings(NewParser(Work{}, nil), sample(t, "tqdm_"+file+".log"))
		last := all[len(all)-1]
		if len(all) < 10 || last.Done != want[0] || last.Total != want[1] {
			t.Errorf("%s: %d sightings, %+v", file, len(all), last)
		}
		for i, s := range all[1:] {
			if s.Done < all[i].Done {
				t.Errorf("%s: %d after %d", file, s.Done, all[i].Done)
			}
		}
	}
}

func TestSamples_MoreThanTheTotal_HasNoTotal(t *testing.T) {
	all := sightings(NewParser(Work{}, nil), sample(t, "tqdm_over.log"))
	if last := all[len(all)-1]; last.Done != 7 || last.Total != 0 || last.Phase != "over" {
		t.Errorf("%+v", last)
	}
}

func TestSamples_BarsOneAfterTheOther_ArePhases(t *testing.T) {
	var phases []string
	for _, s := range sightings(NewParser(Work{}, nil), sample(t, "tqdm_sequence.log")) {
		phases = append(phases, s.Phase)
	}
	same(t, "phases", slices.Compact(phases), []string{"Loading checkpoint shards", "extract", "save"})
}

func TestSamples_BarThatCountsTheItems_IsTheOnlyOne(t *testing.T) {
	for _, s := range sightings(NewParser(Work{Total: 6}, nil), sample(t, "tqdm_nested.log"))[1:] {
		if s.Total != 6 || s.Phase != "tiles" {
			t.Fatalf("%+v", s)
		}
	}
}

// Whenever one looks, also in the middle of a frame.
func TestSamples_BarsBeneathEachOther_AreNeverTakenForOneAnother(t *testing.T) {
	for _, file := range []string{"nested", "nested_left", "nested_same"} {
		log := sample(t, "tqdm_"+file+".log")
		first := bytes.Index(log, []byte("\x1b[A"))
		for cut := first + 3; cut < len(log); cut++ {
			p := NewParser(Work{}, nil)
			last := int64(0)
			see := func(s Sighting) {
				if s.Done < last || s.Done > last+1 || s.Phase == "tiles" || s.Phase == "steps" {
					t.Fatalf("%s cut at %d: %+v after %d", file, cut, s, last)
				}
				last = s.Done
			}
			p.Write(log[:cut], see)
			p.Peek(false, see)
			p.Peek(true, see)
			p.Write(log[cut:], see)
		}
	}
}

func TestSamples_BarsWithOddNames_HaveThem(t *testing.T) {
	var phases []string
	for _, s := range sightings(NewParser(Work{}, nil), sample(t, "tqdm_odd_names.log")) {
		if s.Total != 3 || s.Source != Tqdm {
			t.Errorf("%+v", s)
		}
		phases = append(phases, s.Phase)
	}
	same(t, "phases", slices.Compact(phases), []string{"a: b: c", "50%|half", "x | y", "1/2", "10% of all"})
}

func TestSamples_BarInAFormatOfItsOwn_IsACount(t *testing.T) {
	all := sightings(NewParser(Work{}, nil), sample(t, "tqdm_format.log"))
	if len(all) < 29 || all[0] != counted(Count, 1, 30) || all[len(all)-1] != counted(Count, 30, 30) {
		t.Errorf("%+v", all)
	}
}

func TestSamples_WhatRichReallyPrints_IsRead(t *testing.T) {
	for file, want := range map[string]Sighting{
		"track":  share(100, "抽出"),
		"notty":  share(100, "抽出"),
		"m_of_n": counted(Count, 30, 30),
		"two":    share(100, "second"),
	} {
		all := sightings(NewParser(Work{}, nil), sample(t, "rich_"+file+".log"))
		if len(all) == 0 || all[len(all)-1] != want {
			t.Errorf("%s: %+v", file, all)
		}
	}
	if all := sightings(NewParser(Work{}, nil), sample(t, "rich_download.log")); len(all) != 0 {
		t.Errorf("megabytes are no items: %+v", all)
	}
}

func TestSamples_EveryPieceOfThem_IsHarmless(t *testing.T) {
	files, err := filepath.Glob("testdata/*.log")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		b := sample(t, strings.TrimPrefix(file, "testdata/"))
		for cut := range len(b) {
			for _, s := range sightings(NewParser(Work{Total: 30}, nil), b[cut:]) {
				if !s.valid() {
					t.Fatalf("%s from %d: %+v", file, cut, s)
				}
			}
			if cut > 600 { // a few frames
				break
			}
		}
	}
}
