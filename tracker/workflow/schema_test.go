package workflow

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"uratori/factcheck/gate"
	"uratori/tracker/project"
)

func TestJSONSchema_IsTheOneInTheDocuments(t *testing.T) {
	published, err := os.ReadFile("../../docs/workflow.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(published, JSONSchema()) {
		t.Error("copy tracker/workflow/workflow.schema.json to docs/workflow.schema.json")
	}
}

func TestJSONSchema_KnowsEveryTypeOfClaimAndEveryValue(t *testing.T) {
	var s struct {
		Defs struct {
			Gate struct {
				Properties map[string]any `json:"properties"`
			} `json:"gate"`
			Step struct {
				Properties map[string]struct {
					Properties map[string]any `json:"properties"`
				} `json:"properties"`
			} `json:"step"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(JSONSchema(), &s); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(gate.Kinds(), slices.Sorted(maps.Keys(s.Defs.Gate.Properties))); diff != "" {
		t.Error(diff)
	}
	names := project.Names()
	slices.Sort(names)
	if diff := cmp.Diff(names, slices.Sorted(maps.Keys(s.Defs.Step.Properties["when"].Properties))); diff != "" {
		t.Error(diff)
	}
}
