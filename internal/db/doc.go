// Package db keeps the rows of the console: operators and their sessions, the audit chain, the mirror of the corp's
// accounts, servicers and directory, links, chunked runs, freshness and settings; customers, their conversations, messages
// with a full-text index, visits and media, and the feed of changes that tells who watches. The bytes of media are files
// beside the database. It is the only importer of database/sql and knows nothing of WeCom, HTTP, rights or words.
//
// A *DB is either the pool or one transaction, with the same methods: what a purely local change needs (intent, row,
// outcome) goes together into one Tx. Reads of a pool run on query-only connections and see what is committed; reads of
// a transaction see what it wrote.
//
// Times are time.Time in Go and unix milliseconds in the tables; the zero time is 0. Ids are text; those made here come
// from NewID.
package db
