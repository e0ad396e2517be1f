package house

import (
	"strings"
	"testing"
)

// Workflow is a workflow of a project's own that is taken, as short as one can
// be.
const Workflow = `version: 1
name: own
steps:
  - id: plan
    phase: 0
    name: {ja: 計画, en: Plan}
    gate: {file: {plan.md: {size: {min: 1}}}}
  - id: approval
    phase: 0
    name: {ja: 承認, en: Approval}
    approval: {}
  - id: extract
    phase: 1
    name: {ja: 抽出, en: Extraction}
    gate: {task: {extract: {min_items: 1, after: start}}}
  - id: complete
    phase: 2
    name: {ja: 確認, en: Check}
    recheck: true
  - id: done
    phase: 2
    name: {ja: 完了, en: Done}
    approval: {}
`

// WorkflowWith is [Workflow] with something else in place of a part.
func WorkflowWith(t testing.TB, old, text string) string {
	t.Helper()
	if !strings.Contains(Workflow, old) {
		t.Fatalf("the workflow has no %s", old)
	}
	return strings.Replace(Workflow, old, text, 1)
}
