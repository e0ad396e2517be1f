package fault

import (
	"errors"

	"uratori/internal/phrase"
)

// Wire is a fault as JSON, where it crosses a socket or is kept.
type Wire struct {
	Kind    Kind              `json:"kind,omitempty"`
	Code    string            `json:"code,omitempty"`
	Values  map[string]string `json:"values,omitempty"`
	Message string            `json:"message"` // English, with the causes
	Cause   *Wire             `json:"cause,omitempty"`
}

// Encode makes err ready for the wire; nil stays nil.
func Encode(err error) *Wire {
	if err == nil {
		return nil
	}
	f, ok := errors.AsType[*Error](err)
	if !ok {
		return &Wire{Message: err.Error()}
	}
	return &Wire{Kind: f.Kind, Code: f.Key, Values: f.Values, Message: f.Error(), Cause: Encode(f.Err)}
}

// Decode is the error that [Encode] was given, as far as callers can tell.
func (w *Wire) Decode() error {
	if w == nil {
		return nil
	}
	if !phrase.Known(w.Code) {
		// Of a newer build: its own words are better than none.
		return errors.New(w.Message)
	}
	return &Error{Kind: w.Kind, Key: w.Code, Values: w.Values, Err: w.Cause.Decode()}
}
