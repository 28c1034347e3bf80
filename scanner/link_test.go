package scanner

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
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
				if (len(f.Tied().Links) == 1) != (c.proof != "") {
					t.Errorf("links %+v", f.Tied().Links)
				}
			}
		}
		if !found {
			t.Error("no secret of R2 was found")
		}
	}
}

// Two forms of one tunnel's secret, and a certificate and its token, name each
// other; those of another tunnel do not.
func TestLinkTunnels(t *testing.T) {
	id := "0b9e9e2c-6a1f-4b51-9a4e-6f0f6d0a1c11"
	account := "5d0c1a9e7b42f86035e1c7d9a8b6f402"
	key := func(seed string) string {
		sum := sha256.Sum256([]byte(seed))
		return base64.StdEncoding.EncodeToString(sum[:])
	}
	secret, other := key("one"), key("other")
	api, err := example.Expand(`{{cf "cfut"}}`, "link")
	if err != nil {
		t.Fatal(err)
	}
	token := func(secret string) string {
		return base64.StdEncoding.EncodeToString([]byte(`{"a":"` + account + `","t":"` + id + `","s":"` + secret + `"}`))
	}
	cert := base64.StdEncoding.EncodeToString([]byte(`{"zoneID":"` + account + `","accountID":"` + account + `","apiToken":"` + api + `"}`))
	text := "TUNNEL_TOKEN=" + token(secret) + "\n" +
		`{"AccountTag":"` + account + `","TunnelSecret":"` + secret + `","TunnelID":"` + id + `"}` + "\n" +
		"OLD_TUNNEL_TOKEN=" + token(other) + "\n" +
		"-----BEGIN ARGO TUNNEL TOKEN-----\n" + cert + "\n-----END ARGO TUNNEL TOKEN-----\n" + "CF_API_TOKEN=" + api + "\n"
	r, err := Stream(context.Background(), Options{Rules: rules.Builtin()}, "x", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	titles := map[string]string{}
	for i := range r.Findings {
		titles[r.Findings[i].Fingerprint] = r.Findings[i].Rule.ID
	}
	links := 0
	for i := range r.Findings {
		for _, l := range r.Findings[i].Tied().Links {
			links++
			from, to := r.Findings[i].Rule.ID, titles[l.Fingerprint]
			switch from + " " + to {
			case "cf-tunnel-token cf-tunnel-credentials", "cf-tunnel-credentials cf-tunnel-token", "cf-argo-cert cf-user-api-token", "cf-user-api-token cf-argo-cert":
			default:
				t.Errorf("%s is linked to %s: %s", from, to, l.Says)
			}
		}
	}
	if links != 4 {
		t.Errorf("%d links, want 4: %v", links, titles)
	}
}
