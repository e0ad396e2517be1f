package adversary

func words() []move { return nil }
