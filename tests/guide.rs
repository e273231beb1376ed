//! Every fact of the reference guide, asked for as a reader of that guide would ask.
