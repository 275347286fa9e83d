//! Zoho's deals and sales orders, watch channels and webhooks.

mod sales;
mod watch;
