package adversary

func approvals() []move { return nil }
