//! Bytes in, a [`codcast::evals::Study`] out.
