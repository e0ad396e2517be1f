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
	field   *badField // of the body or query, where one is to blame
}

// badField is where something is wrong, in the names of Google's protocol
// buffers, and how it is said.
type badField struct {
	path string
	say  func(path string) string
}

// at puts the field below another one.
func (f *badField) at(parent string) *problem {
	path := strings.TrimSuffix(parent+"."+f.path, ".")
	if parent == "" {
		path = f.path
	}
	return &problem{http.StatusBadRequest, "INVALID_ARGUMENT", f.say(path), &badField{path, f.say}}
}

// badValue is a value that a field cannot have. kind is the field's type.
func badValue(path, kind, value string) *problem {
	return (&badField{path, func(path string) string {
		return fmt.Sprintf("Invalid value at '%.200s' (%s), %s", path, kind, value)
	}}).at("")
}

// badEnum is a name that an enumeration does not have.
func badEnum(path, enum, value string) *problem {
	return badValue(path, "type.googleapis.com/google.apps.sheets.v4."+enum, fmt.Sprintf("%.100q", value))
}

// badName is a member that a message does not have.
func badName(path, name string) *problem {
	return (&badField{path, func(path string) string {
		if path == "" {
			return fmt.Sprintf("Invalid JSON payload received. Unknown name %.200q: Cannot find field.", name)
		}
		return fmt.Sprintf("Invalid JSON payload received. Unknown name %.200q at '%.200s': Cannot find field.", name, path)
	}}).at("")
}

func (p *problem) Error() string { return p.message }

func invalid(format string, args ...any) *problem {
	return &problem{code: http.StatusBadRequest, status: "INVALID_ARGUMENT", message: fmt.Sprintf(format, args...)}
}

// unsupported names a feature of Sheets that this server does not have.
func unsupported(feature string) *problem {
	return &problem{code: http.StatusNotImplemented, status: "UNIMPLEMENTED", message: "The embedded sheet does not support " + feature + "."}
}

func notFound() *problem {
	return &problem{code: http.StatusNotFound, status: "NOT_FOUND", message: "Requested entity was not found."}
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
	if p.field != nil {
		return p.field.at(fmt.Sprintf("requests[%d].%s", index, snake(kind)))
	}
	return &problem{code: p.code, status: p.status, message: fmt.Sprintf("Invalid requests[%d].%s: %s", index, kind, p.message)}
}

func (p *problem) reply() object {
	message := strings.ToValidUTF8(p.message, "\ufffd") // it may repeat what an address held
	answer := object{{"code", p.code}, {"message", message}, {"status", p.status}}
	if p.field != nil {
		violation := object{{"field", strings.ToValidUTF8(p.field.path, "\ufffd")}, {"description", message}}
		answer = append(answer, member{"details", array{object{
			{"@type", "type.googleapis.com/google.rpc.BadRequest"}, {"fieldViolations", array{violation}},
		}}})
	}
	return object{{"error", answer}}
}
