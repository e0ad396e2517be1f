package main

import (
	"uratori/internal/ledger"
	"uratori/internal/store"
	"uratori/monitor"
	"uratori/monitor/notify"
	"uratori/runner"
	"uratori/sheets/local"
	"uratori/tracker"
	"uratori/tracker/approval"
	"uratori/tracker/workflow"
)

// schemas are those of a daemon's store, for what fills one before it is
// started.
func schemas() []store.Schema {
	return []store.Schema{
		ledger.Schema(), local.Schema(), tracker.Schema(), notify.Schema(), monitor.Schema(), runner.Schema(), approval.Schema(), workflow.Schema(),
	}
}
