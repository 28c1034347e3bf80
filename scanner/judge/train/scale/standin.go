package main

import (
	"slices"
	"strings"

	"keyrake/scanner/judge"
)

// The words for secrets, by the names that they stand under, and the words
// beside them make what people put in place of a secret: my-token, NEW_PASSWORD.
var (
	wordsForPasswords = strings.Fields(`password passwd pass pwd secret`)
	wordsForOthers    = strings.Fields(`secret token key api-key access-token secret-key client-secret`)
	wordsBefore       = strings.Fields(`my your the some a new old user db database admin app test super fake dummy wrong example sample default real insert enter replace put`)
	wordsAfter        = strings.Fields(`here value 123 1234 1 string goes-here`)
)

// otherStandIns are the rest.
var otherStandIns = strings.Fields(`changeme change-me CHANGE_ME changeMe123 changethis change-it replaceme REPLACE_ME todo TODO FIXME tbd xxx xxxxxx xxxxxxxxxxxx XXXX-XXXX
	x1x1x1x1 *** ******** ------ ...... none None null nil undefined empty n/a unknown hidden masked redacted REDACTED removed secret Secret SECRET s3cr3t S3cret! p4ssword
	passw0rd Passw0rd pa55word passw0rd! s3cret s3cr3t! s3cr3t t0p-s3cr3t my-s3cr3t s3cr3tpass secr3t p4ss passw0rd1 password1 Password1 password12 pass123 Password123 test test1 test123 test1234 testing Test1234 foo bar baz foobar foobarbaz qux quux lorem ipsum
	abc abc123 abcdef abcdefg abcd1234 a1b2c3 a1b2c3d4 123 1234 12345 123456 1234567 12345678 123456789 1234567890 0123456789 987654321 111111 11111111 000000 00000000 121212
	123123 123321 654321 aaaaaa aaaaaaaa bbbbbbbb deadbeef cafebabe qwerty qwerty123 asdf asdfgh asdfasdf zxcvbn letmein root toor admin administrator user username guest
	demo default string String str text value val key token bool object number required optional prompt input env file stdin foo-token bar_secret a-b-c key1 key2 token1
	secret1 secret2 user1 user-pass old-pass notsecret not-secret`)

// The places of passwords and of other secrets.
var (
	passwordPlaces = []string{
		"password: ‹V›", `password: "‹V›"`, "password = '‹V›'", `"password": "‹V›",`, "PASSWORD=‹V›", `MYSQL_ROOT_PASSWORD: "‹V›"`, "export DB_PASSWORD='‹V›'",
		"app.mail.password=‹V›", "db.password=‹V›", "jdbc.password = ‹V›", "server.ssl.key-store-password=‹V›", "<password>‹V›</password>", "login --user me --password ‹V›", `user.setPassword("‹V›");`, "IDENTIFIED BY '‹V›'",
		"user: me\npassword: ‹V›\nhost: db.acme.dev", "username=me\npassword=‹V›\n", `{"user": "me", "password": "‹V›"}`, "environment:\n  DB_PASSWORD: ‹V›\n",
		"curl -u me:‹V› https://acme.dev", "  password: ‹V›  # note",
	}
	otherPlaces = []string{
		`token: "‹V›"`, "API_TOKEN=‹V›", "secret = '‹V›';", `"client_secret" : "‹V›"`, "Authorization: Bearer ‹V›", `const secretKey = "‹V›";`, "auth_token=‹V›&x=1",
		`"secret": "‹V›",`, "export ACCESS_TOKEN=‹V›", `api_key="‹V›"`,
	}
)

// madeUp adds all stand-ins in their places.
func (c *collector) madeUp() {
	c.standIn(passwordPlaces, standInsFrom(wordsForPasswords))
	c.standIn(otherPlaces, standInsFrom(wordsForOthers))
}

func (c *collector) standIn(places, values []string) {
	for _, v := range values {
		for _, p := range places {
			c.each([]byte("first line\n"+strings.ReplaceAll(p, "‹V›", v)+"\nlast line\n"), func(_ int, w judge.Weighing) {
				c.cases = append(c.cases, example{Weighing: w, from: standIn, group: v, place: p + v})
			})
		}
	}
}

// standInsFrom lists them, each once, in a fixed order.
func standInsFrom(secrets []string) []string {
	all := slices.Clone(otherStandIns)
	for _, w := range secrets {
		all = append(all, spellings(w)...)
		for _, b := range wordsBefore {
			all = append(all, spellings(b+"-"+w)...)
		}
		for _, a := range wordsAfter {
			all = append(all, spellings(w+"-"+a)...)
			all = append(all, spellings("your-"+w+"-"+a)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// spellings of words that a hyphen joins: my-token, my_token, MY_TOKEN, mytoken.
func spellings(words string) []string {
	snake := strings.ReplaceAll(words, "-", "_")
	return []string{words, snake, strings.ToUpper(snake), strings.ReplaceAll(words, "-", "")}
}
