//! The ground: what holds for every address, the private database, and the commands.

mod connections;
mod demo;
mod doctor;
mod every_address;
mod pages;
mod private_database;
mod shell;
