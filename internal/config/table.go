package config

// setting is one line of the table below, the only place that knows a key.
type setting struct {
	key      string // as in the file, with dots
	standard string // default, as it is written in the environment
	allowed  string // which sentence config.allowed.… tells what is allowed
	field    func(*Config) kind
	check    func(c *Config, text string) bool
	variable string // a well-known environment variable, beside the generic one
	secret   bool
}

// table lists all settings in the order in which people read them. The
// explanation of a key is the sentence setting.KEY.
func table() []setting {
	text := func(p func(*Config) *string) func(*Config) kind {
		return func(c *Config) kind { return textKind{p(c)} }
	}
	number := func(p func(*Config) *int) func(*Config) kind {
		return func(c *Config) kind { return numberKind{p(c)} }
	}
	truth := func(p func(*Config) *bool) func(*Config) kind {
		return func(c *Config) kind { return boolKind{p(c)} }
	}
	span := func(p func(*Config) *Duration) func(*Config) kind {
		return func(c *Config) kind { return durationKind{p(c)} }
	}
	hidden := func(p func(*Config) *Secret) func(*Config) kind {
		return func(c *Config) kind { return secretKind{p(c)} }
	}
	return []setting{
		{key: "tracker.spreadsheet", standard: "local", allowed: "spreadsheet", check: isSpreadsheet, field: text(func(c *Config) *string { return &c.Tracker.Spreadsheet })},
		{key: "tracker.sheet", standard: "Tracker", allowed: "text", check: isText, field: text(func(c *Config) *string { return &c.Tracker.Sheet })},
		{key: "tracker.prefix", standard: "INTG", allowed: "prefix", check: isPrefix, field: text(func(c *Config) *string { return &c.Tracker.Prefix })},
		{key: "tracker.endpoint", standard: "", allowed: "endpoint", check: isEndpoint, field: text(func(c *Config) *string { return &c.Tracker.Endpoint })},
		{key: "tracker.credentials", standard: "", allowed: "path", check: isPath, field: text(func(c *Config) *string { return &c.Tracker.Credentials })},
		{key: "tracker.sync_interval", standard: "15s", allowed: "duration", field: span(func(c *Config) *Duration { return &c.Tracker.SyncInterval })},
		{key: "tracker.requests_per_minute", standard: "60", allowed: "count", check: inRange(0, 1000), field: number(func(c *Config) *int { return &c.Tracker.RequestsPerMinute })},
		{key: "tracker.workspace", standard: "{home}/workspaces/{id}", allowed: "workspace", check: isWorkspace, field: text(func(c *Config) *string { return &c.Tracker.Workspace })},
		{key: "tracker.columns.id", standard: "ID", allowed: "text", check: isText, field: text(func(c *Config) *string { return &c.Tracker.Columns.ID })},
		{key: "tracker.columns.summary", standard: "概要", allowed: "text", check: isText, field: text(func(c *Config) *string { return &c.Tracker.Columns.Summary })},
		{key: "tracker.columns.detail", standard: "詳細", allowed: "text", check: isText, field: text(func(c *Config) *string { return &c.Tracker.Columns.Detail })},
		{key: "tracker.columns.status", standard: "ステータス", allowed: "text", check: isText, field: text(func(c *Config) *string { return &c.Tracker.Columns.Status })},
		{key: "tracker.columns.approval", standard: "承認", allowed: "text", check: isText, field: text(func(c *Config) *string { return &c.Tracker.Columns.Approval })},
		{key: "tracker.columns.phase", standard: "フェーズ", allowed: "text", check: isText, field: text(func(c *Config) *string { return &c.Tracker.Columns.Phase })},
		{key: "server.listen", standard: "127.0.0.1:8088", allowed: "listen", check: isListen, field: text(func(c *Config) *string { return &c.Server.Listen })},
		{key: "server.hosts", standard: "", allowed: "hosts", check: isHosts, field: text(func(c *Config) *string { return &c.Server.Hosts })},
		{key: "approval.expires", standard: "72h", allowed: "duration", field: span(func(c *Config) *Duration { return &c.Approval.Expires })},
		{key: "approval.sheet", standard: "false", allowed: "bool", field: truth(func(c *Config) *bool { return &c.Approval.Sheet })},
		{key: "runner.slots", standard: "1", allowed: "positive", check: inRange(1, 1000), field: number(func(c *Config) *int { return &c.Runner.Slots })},
		{key: "runner.gpus", standard: "", allowed: "gpus", check: isGPUs, field: text(func(c *Config) *string { return &c.Runner.GPUs })},
		{key: "runner.gpu_slots", standard: "1", allowed: "positive", check: inRange(1, 1000), field: number(func(c *Config) *int { return &c.Runner.GPUSlots })},
		{key: "runner.retries", standard: "3", allowed: "count", check: inRange(0, 1000), field: number(func(c *Config) *int { return &c.Runner.Retries })},
		{key: "runner.backoff", standard: "30s", allowed: "duration", field: span(func(c *Config) *Duration { return &c.Runner.Backoff })},
		{key: "runner.grace", standard: "10s", allowed: "duration", field: span(func(c *Config) *Duration { return &c.Runner.Grace })},
		{key: "runner.log_size", standard: "64MiB", allowed: "size", check: isPositiveSize, field: func(c *Config) kind { return sizeKind{&c.Runner.LogSize} }},
		{key: "monitor.interval", standard: "5s", allowed: "duration", field: span(func(c *Config) *Duration { return &c.Monitor.Interval })},
		{key: "monitor.gpu_memory_percent", standard: "90", allowed: "percent", check: inRange(1, 100), field: number(func(c *Config) *int { return &c.Monitor.GPUMemoryPercent })},
		{key: "monitor.gpu_temperature_c", standard: "80", allowed: "celsius", check: inRange(1, 150), field: number(func(c *Config) *int { return &c.Monitor.GPUTemperatureC })},
		{key: "monitor.memory_growth", standard: "2GiB", allowed: "size", check: isPositiveSize, field: func(c *Config) kind { return sizeKind{&c.Monitor.MemoryGrowth} }},
		{key: "monitor.cpu_percent", standard: "95", allowed: "percent", check: inRange(1, 100), field: number(func(c *Config) *int { return &c.Monitor.CPUPercent })},
		{key: "monitor.timeout", standard: "1h", allowed: "duration", field: span(func(c *Config) *Duration { return &c.Monitor.Timeout })},
		{key: "monitor.stall_warn", standard: "5m", allowed: "duration", field: span(func(c *Config) *Duration { return &c.Monitor.StallWarn })},
		{key: "monitor.stall_alert", standard: "10m", allowed: "duration", field: span(func(c *Config) *Duration { return &c.Monitor.StallAlert })},
		{key: "monitor.stall_kill", standard: "15m", allowed: "duration", field: span(func(c *Config) *Duration { return &c.Monitor.StallKill })},
		{key: "monitor.nvml", standard: "", allowed: "library", check: isLibrary, field: text(func(c *Config) *string { return &c.Monitor.NVML })},
		{key: "monitor.daemon_check", standard: "60s", allowed: "duration", field: span(func(c *Config) *Duration { return &c.Monitor.DaemonCheck })},
		{key: "monitor.heartbeat_url", standard: "", allowed: "secret_url", check: isSecretURL, secret: true, field: hidden(func(c *Config) *Secret { return &c.Monitor.HeartbeatURL })},
		{key: "monitor.heartbeat_interval", standard: "1m", allowed: "duration", field: span(func(c *Config) *Duration { return &c.Monitor.HeartbeatInterval })},
		{key: "notify.quiet_hours", standard: "", allowed: "hours", field: func(c *Config) kind { return hoursKind{&c.Notify.QuietHours} }},
		{key: "notify.pushover.token", standard: "", allowed: "secret", secret: true, variable: "PUSHOVER_TOKEN", field: hidden(func(c *Config) *Secret { return &c.Notify.Pushover.Token })},
		{key: "notify.pushover.user", standard: "", allowed: "secret", secret: true, variable: "PUSHOVER_USER", field: hidden(func(c *Config) *Secret { return &c.Notify.Pushover.User })},
		{key: "notify.pushover.endpoint", standard: "", allowed: "endpoint", check: isEndpoint, field: text(func(c *Config) *string { return &c.Notify.Pushover.Endpoint })},
		{key: "notify.pushover.emergency", standard: "false", allowed: "bool", field: truth(func(c *Config) *bool { return &c.Notify.Pushover.Emergency })},
		{key: "notify.webhook.url", standard: "", allowed: "secret_url", check: isSecretURL, secret: true, field: hidden(func(c *Config) *Secret { return &c.Notify.Webhook.URL })},
		{key: "notify.ntfy.url", standard: "", allowed: "topic", check: isTopic, secret: true, field: hidden(func(c *Config) *Secret { return &c.Notify.Ntfy.URL })},
		{key: "notify.ntfy.token", standard: "", allowed: "secret", secret: true, field: hidden(func(c *Config) *Secret { return &c.Notify.Ntfy.Token })},
	}
}
