//! Zoho's deals and sales orders, watch channels and webhooks.

mod custom;
mod sales;
mod watch;
