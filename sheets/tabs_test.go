package sheets

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	api "google.golang.org/api/sheets/v4"
)

func TestTabs_AreListedAsPeopleSeeThem(t *testing.T) {
	h := newHouseFor(t)
	h.do(t, &api.Request{AddSheet: &api.AddSheetRequest{Properties: &api.SheetProperties{SheetId: 42, Title: "二枚目", Hidden: true}}})
	h.do(t, &api.Request{AddSheet: &api.AddSheetRequest{Properties: &api.SheetProperties{SheetId: 7, Title: "先頭", ForceSendFields: []string{"Index"}}}})
	tabs, err := h.Tabs(t.Context())
	if err != nil || len(tabs) != 3 {
		t.Fatalf("%v %v", tabs, err)
	}
	first := tabs[1].ID
	if diff := cmp.Diff([]Tab{{7, "先頭", false}, {first, "Tracker", false}, {42, "二枚目", true}}, tabs); diff != "" {
		t.Error(diff)
	}
	if h.Share() != "" {
		t.Error(h.Share())
	}
}
