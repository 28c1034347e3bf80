package repo

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// extension says how git treats one extensions.* key.
type extension struct {
	v1only bool // git refuses it when repositoryformatversion is 0
}

// extensions holds the keys that change nothing for a reader, or whose change
// this package follows. Any other key makes a version 1 repository unreadable,
// for git too.
var extensions = map[string]extension{
	"noop":                {},
	"preciousobjects":     {},
	"partialclone":        {},
	"worktreeconfig":      {},
	"noop-v1":             {v1only: true},
	"objectformat":        {v1only: true},
	"compatobjectformat":  {v1only: true},
	"refstorage":          {v1only: true},
	"relativeworktrees":   {v1only: true},
	"submodulepathconfig": {v1only: true},
}

// checkFormat refuses a repository whose configuration says that it is laid out
// in a way this package cannot read.
func checkFormat(c *config) error {
	if v, _ := c.get("extensions", "", "objectformat"); strings.EqualFold(v, "sha256") {
		return errors.New("its objects have SHA-256 names (extensions.objectFormat), and only SHA-1 repositories can be scanned")
	} else if v != "" && v != "sha1" {
		return fmt.Errorf("its object format %q (extensions.objectFormat) is unknown: only SHA-1 repositories can be scanned", v)
	}
	if v, _ := c.get("extensions", "", "refstorage"); v != "" && v != "files" {
		return fmt.Errorf("its refs are stored as %q (extensions.refStorage), which cannot be read: convert them with \"git refs migrate --ref-format=files\", or scan a fresh clone", v)
	}
	text, set := c.get("core", "", "repositoryformatversion")
	if !set {
		return nil
	}
	version, err := strconv.Atoi(text)
	if err != nil || version < 0 || version > 1 {
		return fmt.Errorf("its format version %q (core.repositoryFormatVersion) is unknown: 0 and 1 can be read", text)
	}
	for _, o := range c.options {
		if o.section != "extensions" || o.subsection != "" {
			continue
		}
		ext, known := extensions[o.key]
		if version == 1 && !known {
			return fmt.Errorf("it needs the extension %q (extensions.%s), which is unknown, so its layout cannot be trusted", o.key, o.key)
		}
		if version == 0 && ext.v1only {
			return fmt.Errorf("it sets extensions.%s, but core.repositoryFormatVersion is 0: git refuses this too; set the version to 1", o.key)
		}
	}
	return nil
}
