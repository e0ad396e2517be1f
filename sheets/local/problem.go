package local

import (
	"fmt"
	"net/http"
	"strings"

	"uratori/sheets/a1"
)

// problem is an answer that is an error, with the status names and, where
// programs match on them, the words of Google.
type problem struct {
	code    int
	status  string
	message string
}

func (p *problem) Error() string { return p.message }

func invalid(format string, args ...any) *problem {
	return &problem{http.StatusBadRequest, "INVALID_ARGUMENT", fmt.Sprintf(format, args...)}
}

// unsupported names a feature of Sheets that this server does not have.
func unsupported(feature string) *problem {
	return &problem{http.StatusNotImplemented, "UNIMPLEMENTED", "The embedded sheet does not support " + feature + "."}
}

func notFound() *problem {
	return &problem{http.StatusNotFound, "NOT_FOUND", "Requested entity was not found."}
}

func noRange(name string) *problem { return invalid("Unable to parse range: %s", name) }

func noGrid(id int32) *problem { return invalid("No grid with id: %d", id) }

func beyondGrid(t *tab, a a1.Area) *problem {
	return invalid("Range (%s) exceeds grid limits. Max rows: %d, max columns: %d", a1.Name(t.title, a), t.rowCount, t.columnCount)
}

func cellTooLong() *problem {
	return invalid("Your input contains more than the maximum of %d characters in a single cell.", longest)
}

func tooManyCells() *problem {
	return invalid("This action would increase the number of cells in the workbook above the limit of %d cells.", mostCells)
}

// inRequest says in which request of a batch it went wrong, as Google does.
func inRequest(index int, kind string, p *problem) *problem {
	return &problem{p.code, p.status, fmt.Sprintf("Invalid requests[%d].%s: %s", index, kind, p.message)}
}

func (p *problem) reply() object {
	message := strings.ToValidUTF8(p.message, "\ufffd") // it may repeat what an address held
	return object{{"error", object{{"code", p.code}, {"message", message}, {"status", p.status}}}}
}
