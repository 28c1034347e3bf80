package repo

// SafeDirectories lists the values of safe.directory in the user's and the
// system's configuration files. One that cannot be read says nothing.
func SafeDirectories(files []string) (list []string) {
	for _, file := range files {
		var c config
		if c.read(file) != nil {
			continue
		}
		for _, o := range c.options {
			if o.section == "safe" && o.subsection == "" && o.key == "directory" {
				list = append(list, o.value)
			}
		}
	}
	return list
}
