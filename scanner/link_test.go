package scanner

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"keyrake/rules"
	"keyrake/rules/example"
)

// The secret of R2 is known by its token, and is a lone secret without it.
func TestLinkR2(t *testing.T) {
	token, err := example.Expand(`{{cf "cfat"}}`, "link")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(token))
	secret := "R2_SECRET_ACCESS_KEY=" + hex.EncodeToString(sum[:]) + "\n"
	for _, c := range []struct {
		text, proof string
	}{
		{secret, ""},
		{secret + "CF_API_TOKEN=" + token + "\n", "verified"},
	} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "env"), []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		report, err := Files(context.Background(), Options{Rules: rules.Builtin()}, FilesOptions{Paths: []string{dir}})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, f := range report.Findings {
			if f.Rule.ID == "cf-r2-secret" {
				found = true
				if f.Proof != c.proof {
					t.Errorf("proof %q, want %q, reasons %q", f.Proof, c.proof, f.Reasons)
				}
			}
		}
		if !found {
			t.Error("no secret of R2 was found")
		}
	}
}
