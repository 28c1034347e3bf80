package rules

import "slices"

// proofNames names every offline check that a rule may ask for, in sorted order.
// Package judge/proof holds the checks; the bytes handed to one are the
// secret's span.
var proofNames = [...]string{
	"age-key",
	"argo-cert",
	"atlassian-crc32",
	"aws-account",
	"azure-key",
	"azure-storage",
	"base58check",
	"basic-auth-url",
	"bech32",
	"bedrock",
	"bip39",
	"cloudflare-crc32",
	"confluent-crc32",
	"crates-temporary",
	"db-url",
	"discord-bot",
	"docker-auth",
	"entra-secret",
	"fly-macaroon",
	"github-crc32",
	"github-pat",
	"gitlab-routable",
	"grafana-cloud",
	"grafana-crc32",
	"jsr-crc32",
	"jwt",
	"matrix-crc32",
	"nats-nkey",
	"netbird-crc32",
	"npm-crc32",
	"ntlm-answer",
	"onepassword",
	"polar-crc32",
	"private-key",
	"private-key-der",
	"pypi-macaroon",
	"sentry-org",
	"service-account",
	"solana-key",
	"stellar-seed",
	"stream-key",
	"supabase-jwt",
	"tunnel-credentials",
	"tunnel-token",
	"vercel-crc32",
	"xrp-seed",
	"zuplo-crc32",
}

func isProof(name string) bool {
	_, ok := slices.BinarySearch(proofNames[:], name)
	return ok
}
