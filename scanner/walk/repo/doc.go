// Package repo opens a git repository and lists what there is to read in it:
// its folders, its object stores, every tip that reaches objects, and its
// index. It reads files and nothing else: it never runs git, never follows a
// configuration value to a program and never writes.
//
// It refuses to know objects: it hands out names (plumbing.Hash) and leaves
// their bytes to others. It does not follow configuration includes and reads
// no configuration outside the repository, since git accepts nothing that it
// needs from there.
//
// Its invariant: what it cannot read is never left out in silence. Either Open
// fails with one sentence, or the thing is listed as a Problem, and the scan
// that uses the Repo ends as incomplete.
//
// go-git v5 gives the nouns (plumbing.Hash, filemode.FileMode). Its readers are
// not used, because each refuses or misreads a form that git itself writes or
// accepts (checked with v5.19.3):
//
//   - the root package and storage/filesystem refuse extensions.worktreeConfig,
//     lose relative alternates, and bring net/http along;
//   - plumbing/format/config refuses "[core] bare = true" on one line,
//     "[a.b]" sections, a byte-order mark and bytes that are not UTF-8, all of
//     which git reads;
//   - plumbing/format/index refuses split indexes ("link") and a trailer of
//     zeros (index.skipHash), ignores GIT_INDEX_FILE, and hands the cache tree
//     over without the entries that each node covers.
package repo
