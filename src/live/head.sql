-- The feed's epoch and the snapshot of this transaction, which everything in the batch is read with.
SELECT state.epoch, pg_current_snapshot()::text AS snapshot
FROM feed.state AS state
